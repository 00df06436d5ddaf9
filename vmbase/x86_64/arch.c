// SPDX-License-Identifier: Apache-2.0
#include "vmbase/acpi.h"
#include "vmbase/mmu.h"
#include "vmbase/pci.h"

#include "arch.h"
#include "machine.h"
#include "power.h"

const struct page_table_format *const arch_page_table_format = &page_table_x86_64;

/* The serial ports are where PCs have them, in QEMU as in crosvm, and need no map. */
const struct uart board_console = { .driver = &uart_8250, .base = 0x3f8 };
const struct boot_range board_devices[] = { { 0 } };

const struct uart *board_failure_port(void)
{
	static const struct uart port = { .driver = &uart_8250, .base = 0x2f8 };

	return &port;
}

/* FS.base (Intel SDM volume 4, table 2-2). */
#define IA32_FS_BASE 0xc0000100

void arch_set_thread_pointer(const void *slots)
{
	uint64_t base = (uintptr_t)slots;

	__asm__ volatile("wrmsr" : : "c"(IA32_FS_BASE), "a"((uint32_t)base), "d"((uint32_t)(base >> 32)));
}

uint64_t arch_cycles(void)
{
	return __builtin_ia32_rdtsc();
}

void arch_use_page_table(page_table_page *root)
{
	__asm__ volatile("movq %0, %%cr3" : : "r"(root) : "memory");
}

void arch_page_table_changed(uint64_t address)
{
	__asm__ volatile("invlpg (%0)" : : "r"(address) : "memory");
}

void arch_read_boot_info(uint64_t arg0, uint64_t arg1, struct boot_info *info)
{
	if (arg1 == BOOT_PVH)
		boot_read_pvh(arg0, mmu_window, info);
	else
		boot_read_zero_page(arg0, mmu_window, info);
}

uint64_t machine_rsdp(void)
{
	uint64_t rsdp = vmbase_boot_info()->acpi_rsdp;

	return rsdp ? rsdp : acpi_find_rsdp(mmu_window);
}

/* QEMU's microvm without ACPI puts its devices on the command line; with ACPI they are in the tables. */
uint64_t arch_virtio_mmio(unsigned index)
{
	uint64_t address = boot_virtio_mmio(vmbase_boot_info()->command_line, index);

	if (address || boot_virtio_mmio(vmbase_boot_info()->command_line, 0))
		return address;
	return acpi_virtio_mmio(machine_rsdp(), mmu_window, index);
}

/* Configuration space by ports (PCI Local Bus Specification 3.0, 3.2.2.3.2); firmware or the VMM has set the BARs. */
#define CONFIG_ADDRESS 0xcf8
#define CONFIG_DATA    0xcfc

static uint32_t read_config(const struct pci_host *host, unsigned function, unsigned offset)
{
	(void)host;
	out32(CONFIG_ADDRESS, 1u << 31 | function << 8 | offset);
	return in32(CONFIG_DATA);
}

static void write_config(const struct pci_host *host, unsigned function, unsigned offset, uint32_t value)
{
	(void)host;
	out32(CONFIG_ADDRESS, 1u << 31 | function << 8 | offset);
	out32(CONFIG_DATA, value);
}

struct pci_host *pci_host(void)
{
	static struct pci_host host = { .read = read_config, .write = write_config };

	return &host;
}
