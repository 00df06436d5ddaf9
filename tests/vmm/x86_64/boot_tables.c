// SPDX-License-Identifier: Apache-2.0
#include "vmm/x86_64/boot_tables.h"

#include <asm/e820.h>
#include <errno.h>
#include <string.h>

#include "common/log.h"
#include "vmm/x86_64/layout.h"

enum {
	PAGE_PRESENT = 1,
	PAGE_WRITABLE = 2,
	PAGE_LARGE = 0x80,
	TABLE_ENTRIES = 512,
	LOADER_UNKNOWN = 0xff,
	BOOT_FLAG = 0xaa55,
};
#define HEADER_MAGIC 0x53726448U /* "HdrS" */
#define INITRD_LIMIT 0x37ffffffU /* of kernels that don't say: Documentation/x86/boot.rst */

static int write_gdt(const struct guest_memory *memory, bool long_mode)
{
	const uint64_t gdt[] = {
		0,
		0,
		long_mode ? 0x00af9b000000ffff : 0x00cf9b000000ffff, /* CODE_SELECTOR: base 0, limit 4 GiB */
		0x00cf93000000ffff,                                  /* DATA_SELECTOR */
		0x008f8b000000ffff,                                  /* TSS_SELECTOR */
	};

	return guest_memory_write(memory, BOOT_GDT, gdt, sizeof(gdt), "GDT");
}

/* Where a kernel jumps to in real mode when it reboots through a BIOS: 6.12 does on this machine. */
static int write_reset_vector(const struct guest_memory *memory)
{
	const unsigned char code[] = {
		0xb0, KEYBOARD_RESET,        /* mov $KEYBOARD_RESET, %al */
		0xe6, PORT_KEYBOARD_COMMAND, /* out %al, $PORT_KEYBOARD_COMMAND */
		0xf4,                        /* hlt */
	};

	return guest_memory_write(memory, RESET_VECTOR, code, sizeof(code), "reset vector");
}

int write_processor_tables(const struct guest_memory *memory, bool long_mode)
{
	const uint64_t pml4 = BOOT_PDPT | PAGE_PRESENT | PAGE_WRITABLE;
	uint64_t pdpt[4], pd[4 * TABLE_ENTRIES];
	int ret = write_gdt(memory, long_mode);

	for (unsigned i = 0; i < 4; i++)
		pdpt[i] = (BOOT_PD + PAGE_BYTES * i) | PAGE_PRESENT | PAGE_WRITABLE;
	for (uint64_t i = 0; i < 4 * TABLE_ENTRIES; i++)
		pd[i] = i << 21 | PAGE_PRESENT | PAGE_WRITABLE | PAGE_LARGE;
	if (!ret)
		ret = guest_memory_write(memory, BOOT_PML4, &pml4, sizeof(pml4), "page tables");
	if (!ret)
		ret = guest_memory_write(memory, BOOT_PDPT, pdpt, sizeof(pdpt), "page tables");
	if (!ret)
		ret = guest_memory_write(memory, BOOT_PD, pd, sizeof(pd), "page tables");
	return ret ? ret : write_reset_vector(memory);
}

static void add_range(struct boot_params *params, uint64_t begin, uint64_t end, uint32_t type)
{
	params->e820_table[params->e820_entries++] =
		(struct boot_e820_entry){ .addr = begin, .size = end - begin, .type = type };
}

static void set_memory_map(struct boot_params *params, const struct guest_memory *memory)
{
	add_range(params, 0, LOW_MEMORY_END, E820_RAM);
	add_range(params, LOW_MEMORY_END, HIGH_MEMORY, E820_RESERVED);
	for (size_t i = 0; i < memory->count; i++) {
		const struct guest_region *region = &memory->regions[i];

		add_range(params, region->base ? region->base : HIGH_MEMORY, region->base + region->size, E820_RAM);
	}
}

/* As high as the kernel can access, so that the kernel does not overwrite it when it unpacks itself. */
static int place_initrd(const struct mapped_file *initrd, const struct guest_memory *memory,
			struct setup_header *header)
{
	uint64_t limit = header->initrd_addr_max ? header->initrd_addr_max : INITRD_LIMIT, address;

	if (!initrd->data)
		return 0;
	if (memory->regions[0].size < limit)
		limit = memory->regions[0].size;
	if (initrd->size > limit - KERNEL_BASE) {
		log_error("%s: the initial RAM disk (%zu bytes) doesn't fit into the guest's memory", initrd->path,
			  initrd->size);
		return -EFBIG;
	}
	address = (limit - initrd->size) & ~(uint64_t)(PAGE_BYTES - 1);
	header->ramdisk_image = (uint32_t)address;
	header->ramdisk_size = (uint32_t)initrd->size;
	return guest_memory_write(memory, address, initrd->data, initrd->size, initrd->path);
}

int write_zero_page(const struct boot_source *boot, const struct guest_memory *memory,
		    const struct setup_header *header)
{
	struct boot_params params = { .hdr = *header, .acpi_rsdp_addr = ACPI_TABLES };
	int ret;

	params.hdr.type_of_loader = LOADER_UNKNOWN;
	params.hdr.boot_flag = BOOT_FLAG;
	params.hdr.header = HEADER_MAGIC;
	params.hdr.cmd_line_ptr = BOOT_COMMAND_LINE;
	params.hdr.cmdline_size = (uint32_t)strlen(boot->command_line);
	set_memory_map(&params, memory);
	ret = place_initrd(&boot->initrd, memory, &params.hdr);
	if (!ret)
		ret = guest_memory_write(memory, BOOT_COMMAND_LINE, boot->command_line, strlen(boot->command_line) + 1,
					 "command line");
	if (!ret)
		ret = guest_memory_write(memory, BOOT_ZERO_PAGE, &params, sizeof(params), "zero page");
	return ret;
}
