// SPDX-License-Identifier: Apache-2.0
#include "vmbase/pci.h"

#include "vmbase/error.h"

enum { COMMAND_IO = 1, COMMAND_MEMORY = 2, COMMAND_BUS_MASTER = 4 };
enum { BAR_IO = 1, BAR_64_BITS = 4 };
#define STATUS_CAPABILITIES (1u << 20) /* of the command and status registers read as one */
#define CAPABILITIES_MAX    48         /* more can't be: they do not overlap; a loop ends here */

uint8_t pci_read8(const struct pci_host *host, unsigned function, unsigned offset)
{
	return (uint8_t)(host->read(host, function, offset & ~3u) >> (offset % 4 * 8));
}

uint16_t pci_read16(const struct pci_host *host, unsigned function, unsigned offset)
{
	return (uint16_t)(host->read(host, function, offset & ~3u) >> (offset % 4 * 8));
}

int pci_find(const struct pci_host *host, unsigned function, uint16_t vendor, uint16_t device)
{
	for (; function < PCI_FUNCTIONS; function++)
		if (host->read(host, function, PCI_VENDOR) == ((uint32_t)device << 16 | vendor))
			return (int)function;
	return -ENODEV;
}

unsigned pci_capability(const struct pci_host *host, unsigned function, unsigned previous, uint8_t id)
{
	unsigned at = previous ? pci_read8(host, function, previous + 1) : pci_read8(host, function, PCI_CAPABILITIES);

	if (!(host->read(host, function, PCI_COMMAND) & STATUS_CAPABILITIES))
		return 0;
	for (unsigned i = 0; at && i < CAPABILITIES_MAX; i++) {
		if (pci_read8(host, function, at) == id)
			return at;
		at = pci_read8(host, function, at + 1);
	}
	return 0;
}

static uint64_t read_bar(const struct pci_host *host, unsigned function, unsigned at, bool wide)
{
	uint64_t high = wide ? host->read(host, function, at + 4) : 0;

	return high << 32 | host->read(host, function, at);
}

static void write_bar(const struct pci_host *host, unsigned function, unsigned at, bool wide, uint64_t value)
{
	host->write(host, function, at, (uint32_t)value);
	if (wide)
		host->write(host, function, at + 4, (uint32_t)(value >> 32));
}

/* The size of a BAR is in the address bits that can't be set. */
static uint64_t bar_size(const struct pci_host *host, unsigned function, unsigned at, bool wide, uint64_t flags)
{
	uint64_t before = read_bar(host, function, at, wide), mask;

	write_bar(host, function, at, wide, UINT64_MAX);
	mask = read_bar(host, function, at, wide) & ~flags;
	write_bar(host, function, at, wide, before);
	if (!wide && mask)
		mask |= 0xffffffff00000000u;
	if (flags == 3 && mask) /* ports: 16 bits are enough for a function to decode */
		mask |= 0xffff0000u;
	return mask ? ~mask + 1 : 0;
}

static int give_address(struct pci_window *window, uint64_t size, uint64_t *ret)
{
	uint64_t address = (window->next + size - 1) & ~(size - 1);

	/* Address 0 in a BAR means that none was assigned. */
	if (!address)
		address = size;
	if (!size || address < window->next || address >= window->end || size > window->end - address)
		return -ENODEV;
	window->next = address + size;
	*ret = address;
	return 0;
}

int pci_open_bar(struct pci_host *host, unsigned function, unsigned bar, uint64_t *ret)
{
	unsigned at = PCI_BAR + bar * 4;
	uint32_t command = host->read(host, function, PCI_COMMAND) & 0xffff;
	uint64_t low = bar < 6 ? host->read(host, function, at) : 0;
	bool io = low & BAR_IO, wide = !io && (low & BAR_64_BITS) && bar < 5;
	uint64_t flags = io ? 3 : 15, address;
	struct pci_window *window = io ? &host->io : &host->memory;

	if (bar >= 6)
		return -ENODEV;
	address = read_bar(host, function, at, wide) & ~flags;
	if (!address) {
		/* While its size is probed, the function must not decode the probe value as an address. */
		host->write(host, function, PCI_COMMAND, command & ~(uint32_t)(COMMAND_IO | COMMAND_MEMORY));
		if (give_address(window, bar_size(host, function, at, wide, flags), &address) < 0)
			return -ENODEV;
		write_bar(host, function, at, wide, address);
	}
	host->write(host, function, PCI_COMMAND, command | (io ? COMMAND_IO : COMMAND_MEMORY) | COMMAND_BUS_MASTER);
	*ret = address + window->offset;
	return 0;
}
