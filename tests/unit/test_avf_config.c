/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration of android/virtualization.h: what is refused, and whose the descriptors are. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "descriptor_count.h"
#include "early_vm/client.h"
#include "libavf/raw_config.h"
#include "libavf/vm_state.h"
#include "common/utf8.h"

static int open_null(void)
{
	return open("/dev/null", O_RDWR | O_CLOEXEC);
}

Test(avf_config, what_is_set_is_asked_for)
{
	AVirtualMachineRawConfig *config = AVirtualMachineRawConfig_create();
	uint8_t id[64] = { 0xff, 0xff, 0xff, 0xff, 1 };
	struct evm_vm_config wanted;
	int kernel = open_null(), initrd = open_null(), bootloader = open_null(), disk = open_null(),
	    memory = open_null(), overlay = open_null();

	cr_expect_eq(AVirtualMachineRawConfig_setName(config, "a_name"), 0);
	cr_expect_eq(evm_raw_config_set_params(config, "quiet"), 0);
	cr_expect_eq(AVirtualMachineRawConfig_setInstanceId(config, id, sizeof(id)), 0);
	AVirtualMachineRawConfig_setKernel(config, kernel);
	AVirtualMachineRawConfig_setInitRd(config, initrd);
	cr_expect_eq(AVirtualMachineRawConfig_addDisk(config, disk, true), 0);
	AVirtualMachineRawConfig_setMemoryMiB(config, 64);
	AVirtualMachineRawConfig_setSwiotlbMiB(config, 6);
	AVirtualMachineRawConfig_setVCpuCount(config, 3);
	AVirtualMachineRawConfig_setProtectedVm(config, true);
	cr_expect_eq(AVirtualMachineRawConfig_addCustomMemoryBackingFile(config, memory, 4096, 8192), 0);
	AVirtualMachineRawConfig_setDeviceTreeOverlay(config, overlay);
	evm_raw_config_set_bootloader(config, bootloader);
	evm_raw_config_set_detect_hangup(config, true);
	cr_expect_eq(evm_raw_config_set_cpu_affinity(config, "0-1"), 0);
	cr_expect_eq(evm_raw_config_set_task_profiles(config, "a,b"), 0);
	cr_assert_eq(raw_config_read(config, &wanted), 0);
	cr_expect_eq(wanted.bootloader, bootloader);
	cr_expect(wanted.detect_hangup);
	cr_expect_str_eq(wanted.cpu_affinity, "0-1");
	cr_expect_str_eq(wanted.task_profiles, "a,b");
	cr_expect_str_eq(wanted.name, "a_name");
	cr_expect_str_eq(wanted.params, "quiet");
	cr_expect_arr_eq(wanted.instance_id, id, sizeof(id));
	cr_expect_eq(wanted.kernel, kernel);
	cr_expect_eq(wanted.initrd, initrd);
	cr_expect_eq(wanted.device_tree_overlay, overlay);
	cr_expect(wanted.disk_count == 1 && wanted.disks[0].fd == disk && wanted.disks[0].writable);
	cr_expect(wanted.memory_file_count == 1 && wanted.memory_files[0].fd == memory);
	cr_expect(wanted.memory_files[0].start == 4096 && wanted.memory_files[0].end == 8192);
	cr_expect(wanted.memory_mib == 64 && wanted.swiotlb_mib == 6 && wanted.vcpu_count == 3 && wanted.protected_vm);
	cr_expect(wanted.console == -1 && wanted.console_in == -1 && wanted.log == -1);
	AVirtualMachineRawConfig_destroy(config);
}

Test(avf_config, what_is_not_set_is_the_default)
{
	AVirtualMachineRawConfig *config = AVirtualMachineRawConfig_create();
	struct evm_vm_config wanted;

	AVirtualMachineRawConfig_setMemoryMiB(config, -1);
	AVirtualMachineRawConfig_setSwiotlbMiB(config, -1);
	cr_assert_eq(raw_config_read(config, &wanted), 0);
	cr_expect(wanted.memory_mib == 0 && wanted.swiotlb_mib == 0 && wanted.vcpu_count == 1 && !wanted.protected_vm);
	cr_expect(wanted.kernel == -1 && wanted.initrd == -1 && wanted.device_tree_overlay == -1);
	AVirtualMachineRawConfig_destroy(config);
	AVirtualMachineRawConfig_destroy(NULL);
}

Test(avf_config, what_makes_no_sense_is_refused)
{
	AVirtualMachineRawConfig *config = AVirtualMachineRawConfig_create();
	static char longest[EVM_MAX_PARAMS_BYTES + 2];
	uint8_t id[65] = { 0 };
	struct evm_vm_config wanted = { .vcpu_count = 99 };

	memset(longest, 'x', sizeof(longest) - 1);
	cr_expect_eq(AVirtualMachineRawConfig_setName(config, "\xff"), -EINVAL);
	cr_expect_eq(AVirtualMachineRawConfig_setName(config, longest), -EINVAL);
	cr_expect_eq(evm_raw_config_set_params(config, longest), -EINVAL);
	cr_expect_eq(AVirtualMachineRawConfig_setInstanceId(config, id, 63), -EINVAL);
	cr_expect_eq(AVirtualMachineRawConfig_setInstanceId(config, id, 65), -EINVAL);
	cr_expect_str_eq(evm_error(), "an instance ID has 64 bytes, not 65");
	cr_expect_eq(AVirtualMachineRawConfig_addTeeService(config, "a_service"), -ENOTSUP);
	AVirtualMachineRawConfig_setVCpuCount(config, 0);
	cr_expect_eq(raw_config_read(config, &wanted), -EINVAL);
	cr_expect_eq(wanted.vcpu_count, 99, "untouched on failure");
	AVirtualMachineRawConfig_destroy(config);
}

/* As on Android, which answers when the VM is created. */
Test(avf_config, an_authentication_of_the_hypervisor_is_refused_in_the_end)
{
	AVirtualMachineRawConfig *config = AVirtualMachineRawConfig_create();
	struct evm_vm_config wanted;

	cr_expect_eq(AVirtualMachineRawConfig_setHypervisorSpecificAuthMethod(config, true), 0);
	cr_expect_eq(raw_config_read(config, &wanted), -EINVAL);
	cr_expect_str_eq(evm_error(), "hypervisor specific auth method not supported for current hypervisor");
	cr_expect_eq(AVirtualMachineRawConfig_setHypervisorSpecificAuthMethod(config, false), 0);
	cr_expect_eq(raw_config_read(config, &wanted), 0);
	AVirtualMachineRawConfig_destroy(config);
}

Test(avf_config, as_many_cpus_as_the_host)
{
	AVirtualMachineRawConfig *config = AVirtualMachineRawConfig_create();
	struct evm_vm_config wanted;

	AVirtualMachineRawConfig_setVCpuCount(config, 3);
	evm_raw_config_set_match_host_cpus(config, true);
	cr_expect_eq(raw_config_read(config, &wanted), 0);
	cr_expect(wanted.cpu_topology == EVM_CPU_MATCH_HOST && wanted.vcpu_count == 0);
	evm_raw_config_set_match_host_cpus(config, false);
	cr_expect_eq(raw_config_read(config, &wanted), 0);
	cr_expect(wanted.cpu_topology == EVM_CPU_COUNT && wanted.vcpu_count == 3);
	AVirtualMachineRawConfig_destroy(config);
}

Test(avf_config, descriptors_pass_on_whatever_comes_of_it)
{
	int before = count_descriptors();
	AVirtualMachineRawConfig *config = AVirtualMachineRawConfig_create();

	cr_expect_eq(AVirtualMachineRawConfig_addDisk(config, -1, false), -EINVAL);
	cr_expect_eq(AVirtualMachineRawConfig_addDisk(config, 999, false), -EINVAL);
	cr_expect_eq(AVirtualMachineRawConfig_addCustomMemoryBackingFile(config, -1, 0, 4096), -EINVAL);
	cr_expect_eq(AVirtualMachineRawConfig_addCustomMemoryBackingFile(config, open_null(), 4096, 4096), -EINVAL);
	cr_expect_eq(count_descriptors(), before, "a file with a wrong range");
	for (int i = 0; i < EVM_MAX_DISKS; i++)
		cr_expect_eq(AVirtualMachineRawConfig_addDisk(config, open_null(), false), 0);
	cr_expect_eq(AVirtualMachineRawConfig_addDisk(config, open_null(), false), -EINVAL);
	for (int i = 0; i < EVM_MAX_MEMORY_FILES; i++)
		cr_expect_eq(AVirtualMachineRawConfig_addCustomMemoryBackingFile(config, open_null(), 0, 1), 0);
	cr_expect_eq(AVirtualMachineRawConfig_addCustomMemoryBackingFile(config, open_null(), 0, 1), -EINVAL);
	cr_expect_eq(count_descriptors(), before + EVM_MAX_DISKS + EVM_MAX_MEMORY_FILES, "one too many of each");
	AVirtualMachineRawConfig_destroy(config);
	cr_expect_eq(count_descriptors(), before);
}

Test(avf_config, setting_again_replaces_and_minus_1_unsets)
{
	int before = count_descriptors(), kernel = open_null();
	AVirtualMachineRawConfig *config = AVirtualMachineRawConfig_create();

	AVirtualMachineRawConfig_setKernel(config, kernel);
	AVirtualMachineRawConfig_setKernel(config, kernel);
	cr_expect_geq(fcntl(kernel, F_GETFD), 0, "the same again is not closed");
	AVirtualMachineRawConfig_setKernel(config, open_null());
	AVirtualMachineRawConfig_setInitRd(config, open_null());
	AVirtualMachineRawConfig_setInitRd(config, -1);
	AVirtualMachineRawConfig_setDeviceTreeOverlay(config, open_null());
	AVirtualMachineRawConfig_setDeviceTreeOverlay(config, -1);
	cr_expect_eq(count_descriptors(), before + 1, "the second kernel is left");
	evm_raw_config_set_bootloader(config, open_null());
	AVirtualMachineRawConfig_setInitRd(config, open_null());
	AVirtualMachineRawConfig_setDeviceTreeOverlay(config, open_null());
	AVirtualMachineRawConfig_destroy(config);
	cr_expect_eq(count_descriptors(), before);
}

Test(avf_config, utf8)
{
	/* clang-format off */
	static const char *const good[] = { "", "plain", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
					    "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf" };
	static const char *const bad[] = { "\x80", "a\xbf", "\xc1\xbf", "\xc2", "\xc2 ", "\xe0\x9f\xbf", "\xe1\x80", "\xed\xa0\x80",
					   "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xf1\x80\x80\xc0", "\xff" };
	/* clang-format on */

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		cr_expect(utf8_is_valid(good[i]), "good %zu", i);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_expect_not(utf8_is_valid(bad[i]), "bad %zu", i);
}

/* Android's numbers, which clients were compiled with. */
Test(avf_config, each_death_has_its_stop_reason)
{
	static const int wanted[] = { 2, 3, 4, 5, 6, 7, 8, 9, 10, 0, 0, 0, 0, 0, 0, 0, 11, 0, 0, 0 };

	for (uint32_t death = 0; death < sizeof(wanted) / sizeof(wanted[0]); death++)
		cr_expect_eq((int)stop_reason_of(death), wanted[death], "%s", evm_death_reason_name(death));
	cr_expect_eq(stop_reason_of(UINT32_MAX), AVIRTUAL_MACHINE_UNRECOGNISED);
}
