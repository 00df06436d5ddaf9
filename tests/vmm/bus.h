/* SPDX-License-Identifier: Apache-2.0 */
/* Devices by address: one bus for memory-mapped registers, and on x86 another one for I/O ports. */
#ifndef VMM_BUS_H
#define VMM_BUS_H

#include <stddef.h>
#include <stdint.h>

enum { BUS_MAX_DEVICES = 24 };

/* OFFSET is from the device's first address; SIZE is 1, 2, 4 or 8.  read finds DATA filled with ones. */
struct bus_device {
	uint64_t base;
	uint64_t size;
	void (*read)(void *device, uint64_t offset, void *data, size_t size);
	void (*write)(void *device, uint64_t offset, const void *data, size_t size);
	void *device; /* passed to both; not owned */
};

struct bus {
	struct bus_device devices[BUS_MAX_DEVICES];
	size_t count;
};

/* A machine has a fixed set of devices: more than BUS_MAX_DEVICES is a mistake in this program and aborts. */
void bus_add(struct bus *bus, const struct bus_device *device);

/* Without a device at the address, reads give ones and writes are lost, as on a real bus.  The caller holds the devices' lock. */
void bus_read(const struct bus *bus, uint64_t address, void *data, size_t size);
void bus_write(const struct bus *bus, uint64_t address, const void *data, size_t size);

#endif
