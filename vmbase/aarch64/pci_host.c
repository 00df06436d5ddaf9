// SPDX-License-Identifier: Apache-2.0
/*
 * The PCI host bridge as the device tree describes it (IEEE 1275 PCI bus binding; Linux,
 * Documentation/devicetree/bindings/pci/host-generic-pci.yaml): configuration space in memory, and windows for BARs.
 */
#include "vmbase/mmu.h"
#include "vmbase/pci.h"

#include "machine.h"

/* A range: the address on the bus in 3 cells, on the processor's side in 2, the size in 2; the first cell says what kind. */
#define RANGE_SIZE    28u
#define RANGE_KIND    0x03000000u
#define RANGE_IO      0x01000000u
#define RANGE_MEMORY  0x02000000u /* with 32-bit addresses, which any BAR can hold */

static volatile uint32_t *config(const struct pci_host *host, unsigned function, unsigned offset)
{
	return (volatile uint32_t *)(uintptr_t)(host->config + ((uint64_t)function << host->function_shift) + offset);
}

static uint32_t read_config(const struct pci_host *host, unsigned function, unsigned offset)
{
	return *config(host, function, offset);
}

static void write_config(const struct pci_host *host, unsigned function, unsigned offset, uint32_t value)
{
	*config(host, function, offset) = value;
}

static void read_ranges(const struct fdt *fdt, int node, struct pci_host *host)
{
	uint32_t size;
	const char *range = fdt_find_property(fdt, node, "ranges", &size);

	for (; range && size >= RANGE_SIZE; range += RANGE_SIZE, size -= RANGE_SIZE) {
		uint64_t kind = fdt_number(range, 1) & RANGE_KIND, bus = fdt_number(range + 4, 2),
			 here = fdt_number(range + 12, 2);
		struct pci_window *window = kind == RANGE_IO ? &host->io : kind == RANGE_MEMORY ? &host->memory : NULL;

		if (window)
			*window = (struct pci_window){ .next = bus,
						       .end = bus + fdt_number(range + 20, 2),
						       .offset = here - bus };
	}
}

/* The size of one function's configuration space, and the addressing of the bus, depend on the kind of host. */
static bool open_host(const struct fdt *fdt, const char *compatible, unsigned shift, struct pci_host *host)
{
	int node = fdt_next_compatible(fdt, -1, compatible);
	uint32_t size;
	const void *reg = node >= 0 ? fdt_find_property(fdt, node, "reg", &size) : NULL;

	if (!reg || size < 16)
		return false;
	host->config = fdt_number(reg, 2);
	host->function_shift = shift;
	if (mmu_reach(host->config, PCI_FUNCTIONS << shift, PAGE_READ | PAGE_WRITE | PAGE_DEVICE) < 0)
		return false;
	read_ranges(fdt, node, host);
	return true;
}

struct pci_host *pci_host(void)
{
	static struct pci_host host = { .read = read_config, .write = write_config };
	const struct boot_info *info = vmbase_boot_info();

	if (host.config)
		return &host;
	if (info->source != BOOT_DEVICE_TREE)
		return NULL;
	if (!open_host(&info->device_tree, "pci-host-ecam-generic", 12, &host) &&
	    !open_host(&info->device_tree, "pci-host-cam-generic", 8, &host))
		host.config = 0;
	return host.config ? &host : NULL;
}
