// SPDX-License-Identifier: Apache-2.0
/*
 * The smallest guest: prints a greeting and the boot information, and shuts down.
 */
#include "vmbase/boot_info.h"
#include "vmbase/console.h"
#include "vmbase/vmbase.h"

void main(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	const struct boot_info *info = vmbase_boot_info();

	console_printf("Hello, world! main(0x%lx, 0x%lx, 0x%lx, 0x%lx)\n", arg0, arg1, arg2, arg3);
	console_printf("command line: \"%s\"\n", info->command_line);
	for (size_t i = 0; i < info->memory_count; i++)
		console_printf("memory: 0x%lx bytes at 0x%lx\n", info->memory[i].size, info->memory[i].base);
	if (info->initrd.size)
		console_printf("initrd: 0x%lx bytes at 0x%lx\n", info->initrd.size, info->initrd.base);
}
