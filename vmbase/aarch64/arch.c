// SPDX-License-Identifier: Apache-2.0
#include "vmbase/mmu.h"
#include "vmbase/pci.h"

#include "arch.h"
#include "machine.h"

const struct page_table_format *const arch_page_table_format = &page_table_aarch64;

#define ADDRESS_BITS 39
#define TCR_T0SZ     63ul
#define ASID         (1ul << 48) /* the entry code's map has 0 */

void arch_init(void)
{
	/* The vectors are in place since the entry code. */
}

void arch_set_thread_pointer(const void *slots)
{
	write_sysreg(tpidr_el0, (uintptr_t)slots);
}

uint64_t arch_cycles(void)
{
	return read_sysreg(cntvct_el0);
}

static void flush_all(void)
{
	__asm__ volatile("isb\n\ttlbi vmalle1\n\tdsb nsh\n\tisb" : : : "memory");
}

/*
 * First the new table with the few address bits of the entry code's map, for which it begins alike; then more bits.
 * Each step alone leaves every address that is in use mapped as it was.
 */
void arch_use_page_table(page_table_page *root)
{
	__asm__ volatile("dsb ishst" : : : "memory");
	write_sysreg(ttbr0_el1, (uintptr_t)root | ASID);
	flush_all();
	write_sysreg(tcr_el1, (read_sysreg(tcr_el1) & ~TCR_T0SZ) | (64 - ADDRESS_BITS));
	flush_all();
}

void arch_page_table_changed(uint64_t address)
{
	uint64_t page = address >> 12 & 0xfffffffffff;

	__asm__ volatile("dsb ishst\n\ttlbi vaae1, %0\n\tdsb nsh\n\tisb" : : "r"(page) : "memory");
}

void arch_read_boot_info(uint64_t arg0, uint64_t arg1, struct boot_info *info)
{
	(void)arg1;
	boot_read_device_tree(arg0, mmu_window, info);
}

/* The first address of a node right under the root; 0 when it has none. */
static uint64_t node_address(const struct fdt *fdt, int node)
{
	unsigned cells = (unsigned)fdt_number_property(fdt, 0, "#address-cells", 2);
	uint32_t size;
	const void *reg = fdt_find_property(fdt, node, "reg", &size);

	return reg && cells >= 1 && cells <= 2 && size >= cells * 4 ? fdt_number(reg, cells) : 0;
}

uint64_t arch_virtio_mmio(unsigned index)
{
	const struct boot_info *info = vmbase_boot_info();
	int node = -1;

	if (info->source != BOOT_DEVICE_TREE)
		return 0;
	do
		node = fdt_next_compatible(&info->device_tree, node, "virtio,mmio");
	while (node >= 0 && index--);
	return node >= 0 ? node_address(&info->device_tree, node) : 0;
}
