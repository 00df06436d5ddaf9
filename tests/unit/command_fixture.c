/* SPDX-License-Identifier: Apache-2.0 */
#include "command_fixture.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "virtmgr/vm_config.h"

struct vm_config plain_config(void)
{
	struct vm_config config;

	vm_config_init(&config);
	config.name = "vm";
	config.cid = 123;
	config.kernel = 100;
	config.failure = 101;
	config.control = 102;
	return config;
}

const char *command_line(const struct vm_config *config, enum vmm_arch arch, const struct vmm_backend *vmm,
			 struct vmm_command *ret_command)
{
	static char line[16384];
	struct vmm_command command;

	*line = 0;
	cr_assert_eq(vmm_command_build(config, arch, vmm, "/vmm", &command), 0);
	for (size_t i = 0; i < command.argc; i++) {
		if (i)
			strcat(line, " ");
		strcat(line, command.argv[i]);
	}
	cr_assert_null(command.argv[command.argc]);
	if (ret_command)
		*ret_command = command;
	vmm_command_free(&command);
	return line;
}

void expect_check(const struct vm_config *config, enum vmm_arch arch, const struct vmm_backend *vmm,
		  enum evm_status status, const char *text)
{
	struct refusal refusal = { .status = EVM_STATUS_OK, .text = "" };
	int r = vm_config_check(config, arch, vmm, &refusal);

	cr_expect_eq(r, evm_status_errno(status), "%s", text ? text : "accepted");
	cr_expect_eq(refusal.status, status);
	cr_expect_str_eq(refusal.text, text ? text : "");
}
