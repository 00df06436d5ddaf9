// SPDX-License-Identifier: Apache-2.0
#include "vmm/bus.h"

#include <stdlib.h>
#include <string.h>

void bus_add(struct bus *bus, const struct bus_device *device)
{
	if (bus->count == BUS_MAX_DEVICES)
		abort();
	bus->devices[bus->count++] = *device;
}

static const struct bus_device *find(const struct bus *bus, uint64_t address)
{
	for (size_t i = 0; i < bus->count; i++) {
		if (address - bus->devices[i].base < bus->devices[i].size)
			return &bus->devices[i];
	}
	return NULL;
}

void bus_read(const struct bus *bus, uint64_t address, void *data, size_t size)
{
	const struct bus_device *device = find(bus, address);

	memset(data, 0xff, size);
	if (device && device->read)
		device->read(device->device, address - device->base, data, size);
}

void bus_write(const struct bus *bus, uint64_t address, const void *data, size_t size)
{
	const struct bus_device *device = find(bus, address);

	if (device && device->write)
		device->write(device->device, address - device->base, data, size);
}
