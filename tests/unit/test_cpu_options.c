/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>

#include "command_fixture.h"
#include "virtmgr/vmm/cpu_options.h"

Test(virtmgr_cpu_options, affinities)
{
	static const char *const good[] = { "0", "0,1", "0-3", "0,2-3,7", "0=0", "0=0:1=1", "0=0,2:1=3-5", "99999" };
	static const char *const bad[] = {
		"",   ",",  "0,",   ",0",    "a",    "0-",    "-1",     "3-1",  "0 ",    "0;1",
		"0=", "=0", "0=0:", "0=0:1", ":0=0", "0=0=0", "100000", "0--1", "0,1=1",
	};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		cr_expect(cpu_affinity_is_valid(good[i]), "%s", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_expect_not(cpu_affinity_is_valid(bad[i]), "%s", bad[i]);
}

Test(virtmgr_cpu_options, task_profiles)
{
	static const char *const good[] = { "a", "a,b", "HighPerformance,Prefer_Idle-2" };
	static const char *const bad[] = { "", ",", "a,", ",a", "a,,b", "a b", "a/b", "a=b" };

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		cr_expect(task_profiles_are_valid(good[i]), "%s", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_expect_not(task_profiles_are_valid(bad[i]), "%s", bad[i]);
}

Test(virtmgr_cpu_options, a_vm_with_others_is_refused)
{
	struct vm_config config = plain_config();

	config.cpu_affinity = "0,1=1";
	expect_check(
		&config, ARCH_X86_64, &crosvm_backend, EVM_STATUS_CONFIG,
		"Invalid CPU affinity \"0,1=1\": CPUs as 0,2-3 are needed, or virtual ones with theirs as 0=1:1=2-3");
	config = plain_config();
	config.task_profiles = "a b";
	expect_check(&config, ARCH_X86_64, &crosvm_backend, EVM_STATUS_CONFIG,
		     "Invalid task profiles \"a b\": names with commas between them are needed");
	config.cpu_affinity = "0-1";
	config.task_profiles = "a";
	expect_check(&config, ARCH_X86_64, &crosvm_backend, EVM_STATUS_OK, "");
}
