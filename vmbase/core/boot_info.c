// SPDX-License-Identifier: Apache-2.0
#include "vmbase/boot_info.h"

#include "vmbase/error.h"
#include "vmbase/page_table.h"
#include "vmbase/string.h"

#include "little_endian.h"

static void add_memory(struct boot_info *info, uint64_t base, uint64_t size)
{
	if (size && info->memory_count < BOOT_MEMORY_MAX)
		info->memory[info->memory_count++] = (struct boot_range){ .base = base, .size = size };
}

/*
 * The text at a physical address, "" when there is none.  It is mapped page by page, because its length is known only
 * when its end was found.
 */
static const char *physical_text(uint64_t address, boot_window window)
{
	const char *text = NULL;
	size_t length = 0;

	if (!address)
		return "";
	while (length < BOOT_COMMAND_LINE_MAX) {
		size_t piece = PAGE_SIZE - (address + length) % PAGE_SIZE;
		const char *at = window(address + length, piece);

		if (!at)
			return "";
		if (!text)
			text = at;
		if (strnlen(at, piece) < piece)
			return text;
		length += piece;
	}
	return "";
}

/* Device tree: /memory (there may be several), /chosen. */

#define DEVICE_TREE_MAX 0x200000u /* 2 MiB: what crosvm and Linux allow */

static void read_memory_nodes(struct boot_info *info)
{
	const struct fdt *fdt = &info->device_tree;
	unsigned address_cells = (unsigned)fdt_number_property(fdt, 0, "#address-cells", 2);
	unsigned size_cells = (unsigned)fdt_number_property(fdt, 0, "#size-cells", 1);
	int depth = 0, node = 0;

	if (address_cells < 1 || address_cells > 2 || size_cells < 1 || size_cells > 2)
		return;
	while ((node = fdt_next(fdt, node, &depth)) >= 0) {
		uint32_t size, entry = (address_cells + size_cells) * 4;
		const char *type = depth == 1 ? fdt_text(fdt, node, "device_type") : NULL;
		const char *reg = type && strcmp(type, "memory") == 0 ? fdt_find_property(fdt, node, "reg", &size) :
									NULL;

		for (; reg && size >= entry; reg += entry, size -= entry)
			add_memory(info, fdt_number(reg, address_cells),
				   fdt_number(reg + 4 * address_cells, size_cells));
	}
}

static void read_chosen(struct boot_info *info)
{
	const struct fdt *fdt = &info->device_tree;
	int chosen = fdt_find(fdt, "chosen");
	uint64_t begin = fdt_number_property(fdt, chosen, "linux,initrd-start", 0);
	uint64_t end = fdt_number_property(fdt, chosen, "linux,initrd-end", 0);
	const char *bootargs = fdt_text(fdt, chosen, "bootargs");

	if (bootargs)
		info->command_line = bootargs;
	if (begin && end > begin)
		info->initrd = (struct boot_range){ .base = begin, .size = end - begin };
}

int boot_read_device_tree(uint64_t address, boot_window window, struct boot_info *ret)
{
	struct boot_info info = { .source = BOOT_DEVICE_TREE, .command_line = "" };
	const void *blob = address ? window(address, FDT_HEADER_SIZE) : NULL;
	size_t size = blob ? fdt_used_size(blob) : 0;

	if (!size || size > DEVICE_TREE_MAX || !(blob = window(address, size)) ||
	    fdt_open(blob, size, &info.device_tree) < 0)
		return -EBADMSG;
	read_memory_nodes(&info);
	read_chosen(&info);
	*ret = info;
	return 0;
}

/* Zero page: struct boot_params of Linux, by offsets in bytes. */

/* clang-format off */
enum {
	ZERO_PAGE_ACPI_RSDP = 0x70, ZERO_PAGE_INITRD_HIGH = 0xc0, ZERO_PAGE_INITRD_SIZE_HIGH = 0xc4, ZERO_PAGE_COMMAND_LINE_HIGH = 0xc8,
	ZERO_PAGE_E820_COUNT = 0x1e8, ZERO_PAGE_INITRD = 0x218, ZERO_PAGE_INITRD_SIZE = 0x21c,
	ZERO_PAGE_COMMAND_LINE = 0x228, ZERO_PAGE_E820 = 0x2d0, ZERO_PAGE_E820_MAX = 128, ZERO_PAGE_SIZE = 4096,
};
/* clang-format on */

#define E820_ENTRY_SIZE 20
#define E820_RAM        1

static uint64_t split_number(const uint8_t *page, unsigned low, unsigned high)
{
	return le32(page + low) | (uint64_t)le32(page + high) << 32;
}

int boot_read_zero_page(uint64_t address, boot_window window, struct boot_info *ret)
{
	struct boot_info info = { .source = BOOT_ZERO_PAGE };
	const uint8_t *page = address ? window(address, ZERO_PAGE_SIZE) : NULL;
	const uint8_t *entry;

	if (!page || page[ZERO_PAGE_E820_COUNT] > ZERO_PAGE_E820_MAX)
		return -EBADMSG;
	entry = page + ZERO_PAGE_E820;
	for (unsigned i = 0; i < page[ZERO_PAGE_E820_COUNT]; i++, entry += E820_ENTRY_SIZE)
		if (le32(entry + 16) == E820_RAM)
			add_memory(&info, le64(entry), le64(entry + 8));
	info.acpi_rsdp = le64(page + ZERO_PAGE_ACPI_RSDP);
	info.initrd.base = split_number(page, ZERO_PAGE_INITRD, ZERO_PAGE_INITRD_HIGH);
	info.initrd.size = split_number(page, ZERO_PAGE_INITRD_SIZE, ZERO_PAGE_INITRD_SIZE_HIGH);
	info.command_line =
		physical_text(split_number(page, ZERO_PAGE_COMMAND_LINE, ZERO_PAGE_COMMAND_LINE_HIGH), window);
	*ret = info;
	return 0;
}

/* PVH: struct hvm_start_info, by offsets in bytes.  Version 1 added the memory map. */

#define PVH_MAGIC 0x336ec578u

enum {
	PVH_VERSION = 4,
	PVH_MODULE_COUNT = 12,
	PVH_MODULES = 16,
	PVH_COMMAND_LINE = 24,
	PVH_RSDP = 32,
	PVH_MEMORY_MAP = 40,
	PVH_MEMORY_COUNT = 48,
	PVH_SIZE_0 = 40,
	PVH_SIZE_1 = 56,
	PVH_MEMORY_ENTRY_SIZE = 24,
	PVH_MODULE_SIZE = 32,
};

static void read_pvh_memory(const uint8_t *start, boot_window window, struct boot_info *info)
{
	uint32_t count = le32(start + PVH_MEMORY_COUNT);
	const uint8_t *entry =
		count && count <= 128 ? window(le64(start + PVH_MEMORY_MAP), count * PVH_MEMORY_ENTRY_SIZE) : NULL;

	for (uint32_t i = 0; entry && i < count; i++, entry += PVH_MEMORY_ENTRY_SIZE)
		if (le32(entry + 16) == E820_RAM)
			add_memory(info, le64(entry), le64(entry + 8));
}

int boot_read_pvh(uint64_t address, boot_window window, struct boot_info *ret)
{
	struct boot_info info = { .source = BOOT_PVH };
	const uint8_t *start = address ? window(address, PVH_SIZE_0) : NULL, *module;

	if (!start || le32(start) != PVH_MAGIC)
		return -EBADMSG;
	if (le32(start + PVH_VERSION) >= 1 && (start = window(address, PVH_SIZE_1)))
		read_pvh_memory(start, window, &info);
	if (!start)
		return -EBADMSG;
	info.acpi_rsdp = le64(start + PVH_RSDP);
	module = le32(start + PVH_MODULE_COUNT) ? window(le64(start + PVH_MODULES), PVH_MODULE_SIZE) : NULL;
	if (module)
		info.initrd = (struct boot_range){ .base = le64(module), .size = le64(module + 8) };
	info.command_line = physical_text(le64(start + PVH_COMMAND_LINE), window);
	*ret = info;
	return 0;
}
