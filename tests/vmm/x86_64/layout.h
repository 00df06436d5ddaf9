/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory layout and the devices of an x86_64 guest:
 *
 *	I/O ports	0x3f8 0x2f8 0x3e8 0x2e8  serial ports 1 to 4 (interrupts 4, 3, 4, 3)
 *			0x604  power off: bit 5 of a byte (ACPI sleep control), bit 13 of a word
 *			0x64 <- 0xfe, 0xcf9 <- bit 2  reset
 *			0xcf8, 0xcfc  PCI configuration space, bus 0: a host bridge, and pvpanic (1b36:0011), whose
 *			registers are a byte at the address in BAR 0; bit 0 written there is a panic
 *	memory		0xfeb00000 + 0x200 * slot  virtio-mmio, version 2, as on QEMU's microvm; slots are taken in this
 *			order: vsock, consoles, disks; nothing answers in an empty one (reads give ones)
 *
 * ELF32 starts in flat protected mode, ELF64 in long mode with the first 4 GiB mapped one to one, both at e_entry with
 * rsi = the zero page and rsp = BOOT_STACK.  The low addresses are crosvm's (x86_64/src/lib.rs).
 */
#ifndef VMM_X86_LAYOUT_H
#define VMM_X86_LAYOUT_H

#include <stdint.h>

#include "vmm/x86_64/layout_ports.h"

enum {
	BOOT_GDT = 0x1500,
	BOOT_ZERO_PAGE = 0x7000,
	BOOT_STACK = 0x8000,
	BOOT_PML4 = 0x9000,
	BOOT_PDPT = 0xa000,
	BOOT_PD = 0xb000, /* four pages */
	BOOT_COMMAND_LINE = 0x20000,
	LOW_MEMORY_END = 0x9fc00,
	ACPI_TABLES = 0xe0000, /* where a kernel without acpi_rsdp_addr searches too */
	RESET_VECTOR = 0xffff0,
	HIGH_MEMORY = 0x100000,
	KERNEL_BASE = 0x200000,
	PAGE_BYTES = 4096,

	CODE_SELECTOR = 0x10,
	DATA_SELECTOR = 0x18,
	TSS_SELECTOR = 0x20,

	VIRTIO_FIRST_IRQ = 5, /* and one more for each slot: up to 17 of the IOAPIC's 24 */
};

#define DEVICE_HOLE 0xc0000000ULL /* memory ends here and continues at 4 GiB */
#define FOUR_GIB 0x100000000ULL
#define PVPANIC_BASE 0xfea00000ULL
#define VIRTIO_BASE 0xfeb00000ULL
#define IOAPIC_BASE 0xfec00000U
#define LOCAL_APIC_BASE 0xfee00000U
#define TSS_ADDRESS 0xfffbd000UL /* three pages that some Intel processors need for real mode */

enum boot_mode { BOOT_REAL, BOOT_PROTECTED, BOOT_LONG };

#endif
