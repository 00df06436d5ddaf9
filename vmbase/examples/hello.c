// SPDX-License-Identifier: Apache-2.0
/*
 * The smallest guest: prints a greeting, the boot information and the VM's instance ID, and shuts down.
 */
#include "vmbase/boot_info.h"
#include "vmbase/console.h"
#include "vmbase/fdt.h"
#include "vmbase/string.h"
#include "vmbase/vmbase.h"

/* The property instance-id of /avf/untrusted, where Android's guests look for it. */
static void print_instance_id(const struct fdt *fdt)
{
	int node = fdt_find(fdt, "avf"), depth = 1;
	const uint8_t *id = NULL;
	uint32_t size = 0;

	if (node < 0)
		return;
	while (!id && (node = fdt_next(fdt, node, &depth)) >= 0 && depth > 1)
		if (depth == 2 && !strcmp(fdt_name(fdt, node), "untrusted"))
			id = fdt_find_property(fdt, node, "instance-id", &size);
	if (!id)
		return;
	console_printf("instance ID: ");
	for (uint32_t i = 0; i < size; i++)
		console_printf("%02x", id[i]);
	console_printf("\n");
}

void main(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	const struct boot_info *info = vmbase_boot_info();

	console_printf("Hello, world! main(0x%lx, 0x%lx, 0x%lx, 0x%lx)\n", arg0, arg1, arg2, arg3);
	console_printf("command line: \"%s\"\n", info->command_line);
	for (size_t i = 0; i < info->memory_count; i++)
		console_printf("memory: 0x%lx bytes at 0x%lx\n", info->memory[i].size, info->memory[i].base);
	if (info->initrd.size)
		console_printf("initrd: 0x%lx bytes at 0x%lx\n", info->initrd.size, info->initrd.base);
	if (info->source == BOOT_DEVICE_TREE)
		print_instance_id(&info->device_tree);
}
