// SPDX-License-Identifier: Apache-2.0
/*
 * Configuration mechanism #1 (PCI Local Bus Specification 3.0, 3.2.2.3.2), and pvpanic (QEMU: docs/specs/pvpanic.rst; crosvm:
 * devices/src/pci/pvpanic.rs), whose BAR stays where it is.
 */
#include "vmm/x86_64/pci.h"

#include <string.h>

#include "vmm/x86_64/layout.h"

enum {
	DEVICES = 2, /* of bus 0, function 0 alone */
	PVPANIC_SLOT = 1,
	PVPANIC_BYTES = 16,
	PVPANIC_PANICKED = 1 << 0,
	PVPANIC_CRASH_LOADED = 1 << 1,
	REGISTER_IDS = 0x00,
	REGISTER_COMMAND = 0x04,
	REGISTER_CLASS = 0x08,
	REGISTER_BAR_0 = 0x10,
	COMMAND_MEMORY = 1 << 1,
};

static const struct {
	uint32_t ids, class;
} devices[DEVICES] = {
	{ 0x12378086, 0x06000000 }, /* a host bridge: Intel 440FX, as crosvm's */
	{ PVPANIC_PCI_ID, 0x08800000 },
};

static struct {
	uint32_t address; /* what was written to PORT_PCI_ADDRESS */
	uint32_t bar;     /* of pvpanic */
} pci = { .bar = PVPANIC_BASE };

static uint32_t read_register(void)
{
	unsigned slot = pci.address >> 11 & 0x1f, reg = pci.address & 0xfc;

	/* Enabled; bus 0; function 0; there. */
	if ((pci.address & 0xffff0700) != 0x80000000 || slot >= DEVICES)
		return UINT32_MAX;
	switch (reg) {
	case REGISTER_IDS:
		return devices[slot].ids;
	case REGISTER_COMMAND:
		return COMMAND_MEMORY;
	case REGISTER_CLASS:
		return devices[slot].class;
	case REGISTER_BAR_0:
		return slot == PVPANIC_SLOT ? pci.bar : 0;
	default:
		return 0;
	}
}

/* Writing ones to a BAR asks for its size. */
static void write_bar(uint32_t value)
{
	if ((pci.address & 0xfffffffc) == (0x80000000 | PVPANIC_SLOT << 11 | REGISTER_BAR_0))
		pci.bar = value == UINT32_MAX ? ~(uint32_t)(PVPANIC_BYTES - 1) : PVPANIC_BASE;
}

static void read_ports(void *device, uint64_t offset, void *data, size_t size)
{
	uint32_t value = offset < 4 ? pci.address : read_register();

	(void)device;
	if ((offset & 3) + size <= sizeof(value))
		memcpy(data, (const char *)&value + (offset & 3), size);
}

static void write_ports(void *device, uint64_t offset, const void *data, size_t size)
{
	uint32_t value;

	(void)device;
	if (size != sizeof(value) || offset & 3)
		return;
	memcpy(&value, data, sizeof(value));
	if (offset == 0)
		pci.address = value;
	else
		write_bar(value);
}

static void read_pvpanic(void *end, uint64_t offset, void *data, size_t size)
{
	(void)end;
	memset(data, 0, size);
	if (offset == 0)
		*(uint8_t *)data = PVPANIC_PANICKED | PVPANIC_CRASH_LOADED;
}

static void write_pvpanic(void *end, uint64_t offset, const void *data, size_t size)
{
	(void)size;
	if (offset == 0 && *(const uint8_t *)data & PVPANIC_PANICKED)
		vm_end_report(end, OUTCOME_PANIC);
}

void pci_add(struct bus *ports, struct bus *mmio, struct vm_end *end)
{
	const struct bus_device config = {
		.base = PORT_PCI_ADDRESS, .size = 8, .read = read_ports, .write = write_ports
	};
	const struct bus_device pvpanic = {
		.base = PVPANIC_BASE,
		.size = PVPANIC_BYTES,
		.read = read_pvpanic,
		.write = write_pvpanic,
		.device = end,
	};

	bus_add(ports, &config);
	bus_add(mmio, &pvpanic);
}
