// SPDX-License-Identifier: Apache-2.0
/*
 * QEMU's virt: RAM from 0x40000000, a PL011 at 0x09000000 (QEMU, hw/arm/virt.c).
 *
 * It has one serial port.  A second one, for the failure reason, is a PCI card (-device pci-serial), which no firmware sets
 * up before the guest does.  It is searched for at its first use, which is early enough for a panic; an exception
 * before the device tree was read is reported only on the console.
 */
#include "vmbase/mmu.h"
#include "vmbase/pci.h"

#include "machine.h"

#define REDHAT     0x1b36u
#define PCI_SERIAL 0x0002u

const struct uart board_console = { .driver = &uart_pl011, .base = VMBASE_CONSOLE_BASE };

const struct boot_range board_devices[] = { { .base = VMBASE_CONSOLE_BASE, .size = PAGE_SIZE }, { 0 } };

const struct uart *board_failure_port(void)
{
	static struct uart port = { .driver = &uart_8250 };
	struct pci_host *host = port.base ? NULL : pci_host();
	int function = host ? pci_find(host, 0, REDHAT, PCI_SERIAL) : -1;
	uint64_t base;

	if (function >= 0 && pci_open_bar(host, (unsigned)function, 0, &base) == 0 &&
	    mmu_reach(base, 8, PAGE_READ | PAGE_WRITE | PAGE_DEVICE) == 0)
		port.base = base;
	return port.base ? &port : NULL;
}
