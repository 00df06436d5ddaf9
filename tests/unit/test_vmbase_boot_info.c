/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "vmbase/boot_info.h"
#include "vmbase_memory.h"

#define PAGE 0xd1000u /* the zero page, or start_info */
#define TEXT 0xd2ff0u /* crosses into the next page */

static void put_text(uint64_t address, const char *text)
{
	memcpy(memory_at(address), text, strlen(text) + 1);
}

/* Linux, struct boot_params: e820 entries are 20 bytes from 0x2d0 on, their count at 0x1e8. */
static void put_e820(unsigned index, uint64_t base, uint64_t size, uint32_t type)
{
	uint64_t at = PAGE + 0x2d0 + index * 20;

	memory_put(at, base, 8);
	memory_put(at + 8, size, 8);
	memory_put(at + 16, type, 4);
	memory_put(PAGE + 0x1e8, index + 1, 1);
}

Test(vmbase_boot_info, zero_page, .init = memory_clear)
{
	struct boot_info info;

	put_e820(0, 0, 0x9f000, 1);
	put_e820(1, 0xf0000, 0x10000, 2);
	put_e820(2, 0x100000000, 0x40000000, 1);
	memory_put(PAGE + 0x70, 0xe0000, 8);
	memory_put(PAGE + 0x218, 0x4000000, 4);
	memory_put(PAGE + 0x21c, 0x1234, 4);
	memory_put(PAGE + 0x228, TEXT, 4);
	put_text(TEXT, "a=1 and a longer text that crosses a page");

	cr_assert_eq(boot_read_zero_page(PAGE, memory_window, &info), 0);
	cr_assert_eq(info.source, BOOT_ZERO_PAGE);
	cr_assert_eq(info.memory_count, 2u);
	cr_assert_eq(info.memory[0].size, 0x9f000u);
	cr_assert_eq(info.memory[1].base, 0x100000000u);
	cr_assert_eq(info.memory[1].size, 0x40000000u);
	cr_assert_eq(info.acpi_rsdp, 0xe0000u);
	cr_assert_eq(info.initrd.base, 0x4000000u);
	cr_assert_eq(info.initrd.size, 0x1234u);
	cr_assert_str_eq(info.command_line, "a=1 and a longer text that crosses a page");
}

Test(vmbase_boot_info, a_zero_page_of_zeros, .init = memory_clear)
{
	struct boot_info info;

	cr_assert_eq(boot_read_zero_page(PAGE, memory_window, &info), 0);
	cr_assert_eq(info.memory_count, 0u);
	cr_assert_str_eq(info.command_line, "");
	cr_assert_eq(boot_read_zero_page(0, memory_window, &info), -EBADMSG);
	cr_assert_eq(boot_read_zero_page(0x1000, memory_window, &info), -EBADMSG);
	memory_put(PAGE + 0x1e8, 129, 1);
	cr_assert_eq(boot_read_zero_page(PAGE, memory_window, &info), -EBADMSG, "more entries than there is room for");
}

Test(vmbase_boot_info, more_memory_than_is_kept, .init = memory_clear)
{
	struct boot_info info;

	for (unsigned i = 0; i < 128; i++)
		put_e820(i, i * 0x1000, 0x1000, 1);
	cr_assert_eq(boot_read_zero_page(PAGE, memory_window, &info), 0);
	cr_assert_eq(info.memory_count, BOOT_MEMORY_MAX);
}

Test(vmbase_boot_info, command_lines_that_can_not_be_read, .init = memory_clear)
{
	struct boot_info info;

	memory_put(PAGE + 0x228, 0x1000, 4);
	cr_assert_eq(boot_read_zero_page(PAGE, memory_window, &info), 0);
	cr_assert_str_eq(info.command_line, "", "not reachable");
	memset(memory_at(0xd3000), 'x', 0x3000);
	memory_put(PAGE + 0x228, 0xd3000, 4);
	cr_assert_eq(boot_read_zero_page(PAGE, memory_window, &info), 0);
	cr_assert_str_eq(info.command_line, "", "endless");
}

/* Xen, struct hvm_start_info. */
static void put_start_info(uint32_t version)
{
	memory_put(PAGE, 0x336ec578, 4);
	memory_put(PAGE + 4, version, 4);
	memory_put(PAGE + 12, 1, 4);
	memory_put(PAGE + 16, 0xd4000, 8);
	memory_put(PAGE + 24, 0xd5000, 8);
	memory_put(PAGE + 32, 0xe1000, 8);
	memory_put(PAGE + 40, 0xd6000, 8);
	memory_put(PAGE + 48, 2, 4);
	memory_put(0xd4000, 0x7000000, 8);
	memory_put(0xd4008, 0x555, 8);
	put_text(0xd5000, "b=2");
	memory_put(0xd6000, 0x100000, 8);
	memory_put(0xd6008, 0x7f00000, 8);
	memory_put(0xd6010, 1, 4);
	memory_put(0xd6018, 0xfe000000, 8);
	memory_put(0xd6020, 0x1000, 8);
	memory_put(0xd6028, 2, 4);
}

Test(vmbase_boot_info, pvh, .init = memory_clear)
{
	struct boot_info info;

	put_start_info(1);
	cr_assert_eq(boot_read_pvh(PAGE, memory_window, &info), 0);
	cr_assert_eq(info.source, BOOT_PVH);
	cr_assert_eq(info.memory_count, 1u);
	cr_assert_eq(info.memory[0].base, 0x100000u);
	cr_assert_eq(info.memory[0].size, 0x7f00000u);
	cr_assert_eq(info.initrd.base, 0x7000000u);
	cr_assert_eq(info.initrd.size, 0x555u);
	cr_assert_eq(info.acpi_rsdp, 0xe1000u);
	cr_assert_str_eq(info.command_line, "b=2");
}

Test(vmbase_boot_info, pvh_version_0_has_no_memory_map, .init = memory_clear)
{
	struct boot_info info;

	put_start_info(0);
	cr_assert_eq(boot_read_pvh(PAGE, memory_window, &info), 0);
	cr_assert_eq(info.memory_count, 0u);
	cr_assert_str_eq(info.command_line, "b=2");
	memory_put(PAGE, 0x336ec579, 4);
	cr_assert_eq(boot_read_pvh(PAGE, memory_window, &info), -EBADMSG);
}

Test(vmbase_boot_info, pvh_lists_that_lie_nowhere, .init = memory_clear)
{
	struct boot_info info;

	put_start_info(1);
	memory_put(PAGE + 16, 0x10, 8);
	memory_put(PAGE + 40, UINT64_MAX - 8, 8);
	cr_assert_eq(boot_read_pvh(PAGE, memory_window, &info), 0);
	cr_assert_eq(info.memory_count, 0u);
	cr_assert_eq(info.initrd.size, 0u);
}

Test(vmbase_boot_info, options)
{
	char value[8] = "before";

	cr_assert(!boot_option("", "a", value, sizeof(value)));
	cr_assert(!boot_option("ab=1 xa=2 a", "a", value, sizeof(value)));
	cr_assert_str_eq(value, "before");
	cr_assert(boot_option("a=1", "a", value, sizeof(value)));
	cr_assert_str_eq(value, "1");
	cr_assert(boot_option("  a=1  b=2 a=3 ", "a", value, sizeof(value)));
	cr_assert_str_eq(value, "3", "the last one counts");
	cr_assert(boot_option("a=1=2", "a", value, sizeof(value)));
	cr_assert_str_eq(value, "1=2");
	cr_assert(boot_option("a=123456789", "a", value, sizeof(value)));
	cr_assert_str_eq(value, "1234567", "cut");
}

Test(vmbase_boot_info, number_options)
{
	cr_assert_eq(boot_option_number("port=5000", "port", 1), 5000u);
	cr_assert_eq(boot_option_number("port=0", "port", 1), 0u);
	cr_assert_eq(boot_option_number("port=18446744073709551609", "port", 1), 18446744073709551609u);
	cr_assert_eq(boot_option_number("port=", "port", 1), 1u);
	cr_assert_eq(boot_option_number("port=12a", "port", 1), 1u);
	cr_assert_eq(boot_option_number("port=-1", "port", 1), 1u);
	cr_assert_eq(boot_option_number("port=18446744073709551616", "port", 1), 1u, "too big");
	cr_assert_eq(boot_option_number("port=99999999999999999999999", "port", 1), 1u, "much too big");
	cr_assert_eq(boot_option_number("other=2", "port", 1), 1u);
}

Test(vmbase_boot_info, virtio_devices_on_the_command_line)
{
	static const char line[] =
		"a virtio_mmio.device=512@0xfeb00e00:12 b virtio_mmio.device=4K@0xFEB01000:13 no_virtio_mmio.device=1@2";

	cr_assert_eq(boot_virtio_mmio(line, 0), 0xfeb00e00u);
	cr_assert_eq(boot_virtio_mmio(line, 1), 0xfeb01000u);
	cr_assert_eq(boot_virtio_mmio(line, 2), 0u);
	cr_assert_eq(boot_virtio_mmio("", 0), 0u);
	cr_assert_eq(boot_virtio_mmio("virtio_mmio.device=", 0), 0u);
	cr_assert_eq(boot_virtio_mmio("virtio_mmio.device=512", 0), 0u);
	cr_assert_eq(boot_virtio_mmio("virtio_mmio.device=512@", 0), 0u);
	cr_assert_eq(boot_virtio_mmio("virtio_mmio.device=0x200@4096:5", 0), 4096u);
}
