/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PCI as far as guests need it: functions on bus 0 (the machines here have no bridges), their capabilities and BARs
 * (PCI Local Bus Specification 3.0, chapter 6).
 *
 * How configuration space is reached is the architecture's: a pci_host.  The rest is pure code.
 */
#ifndef VMBASE_PCI_H
#define VMBASE_PCI_H

#include <stdbool.h>
#include <stdint.h>

#define PCI_FUNCTIONS 256 /* on bus 0: 32 devices of 8 functions; a function's number is device * 8 + function */

/* Offsets in configuration space */
#define PCI_VENDOR       0x00 /* the device's number is in the upper half */
#define PCI_COMMAND      0x04
#define PCI_CLASS        0x08 /* revision, interface, subclass, class */
#define PCI_BAR          0x10
#define PCI_CAPABILITIES 0x34

#define PCI_CAPABILITY_VENDOR 0x09

/* A window of addresses from which BARs are given out that no firmware has set; begin == end: there is none. */
struct pci_window {
	uint64_t next, end; /* as seen from the bus */
	uint64_t offset;    /* add to get the processor's address */
};

struct pci_host {
	uint32_t (*read)(const struct pci_host *host, unsigned function, unsigned offset);
	void (*write)(const struct pci_host *host, unsigned function, unsigned offset, uint32_t value);
	uint64_t config;         /* where configuration space is, for hosts in memory */
	unsigned function_shift; /* log2 of the bytes that one function has there */
	struct pci_window memory, io;
};

/* The host of this machine, set up at the first call; NULL: there is no PCI. */
struct pci_host *pci_host(void);

/* The first function at or after FUNCTION that is VENDOR's DEVICE; negative (-ENODEV): there is none. */
int pci_find(const struct pci_host *host, unsigned function, uint16_t vendor, uint16_t device);

/* One byte, or two, of configuration space. */
uint8_t pci_read8(const struct pci_host *host, unsigned function, unsigned offset);
uint16_t pci_read16(const struct pci_host *host, unsigned function, unsigned offset);

/*
 * The offset of the next capability with this id behind the one at PREVIOUS (0: from the beginning); 0: there is no further one.
 */
unsigned pci_capability(const struct pci_host *host, unsigned function, unsigned previous, uint8_t id);

/*
 * Gives BAR an address from the host's windows if it has none, lets the function answer there and be a bus master, and
 * returns in RET the address as the processor sees it.  -ENODEV: there is no such BAR, or no room in the window.
 */
int pci_open_bar(struct pci_host *host, unsigned function, unsigned bar, uint64_t *ret);

#endif
