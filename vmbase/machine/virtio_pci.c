// SPDX-License-Identifier: Apache-2.0
/*
 * virtio over PCI, the modern interface (virtio 1.2, section 4.1): capabilities say in which BARs its parts are.
 */
#include "virtio_transports.h"

#include <stddef.h>

#include "vmbase/error.h"
#include "vmbase/mmu.h"
#include "vmbase/pci.h"

#include "arch.h"

#define VENDOR               0x1af4u
#define DEVICE_TRANSITIONAL  0x1000u
#define DEVICE_MODERN        0x1040u /* plus the type */
#define DEVICE_LAST          0x107fu
#define PCI_SUBSYSTEM        0x2c    /* its upper half is the type, of a transitional device */

/* The parts (cfg_type), and the fields of a capability, by offsets in bytes (4.1.4). */
enum { PART_COMMON = 1, PART_NOTIFY = 2, PART_DEVICE = 4 };
enum { CAP_TYPE = 3, CAP_BAR = 4, CAP_OFFSET = 8, CAP_LENGTH = 12, CAP_NOTIFY_MULTIPLIER = 16 };

/* The common configuration (4.1.4.3). */
struct common {
	uint32_t features_select, features, driver_features_select, driver_features;
	uint16_t config_vector, queue_count;
	uint8_t status, config_generation;
	uint16_t queue_select, queue_size, queue_vector, queue_enable, queue_notify_offset;
	uint32_t descriptors[2], available[2], used[2];
};
_Static_assert(offsetof(struct common, used) == 48, "virtio 4.1.4.3");

static volatile struct common *common(struct virtio_device *device)
{
	return (volatile struct common *)(volatile void *)device->registers;
}

static uint64_t features(struct virtio_device *device)
{
	uint64_t low;

	common(device)->features_select = 0;
	low = common(device)->features;
	common(device)->features_select = 1;
	return (uint64_t)common(device)->features << 32 | low;
}

static void set_features(struct virtio_device *device, uint64_t value)
{
	common(device)->driver_features_select = 0;
	common(device)->driver_features = (uint32_t)value;
	common(device)->driver_features_select = 1;
	common(device)->driver_features = (uint32_t)(value >> 32);
}

static uint8_t status(struct virtio_device *device)
{
	return common(device)->status;
}

static void set_status(struct virtio_device *device, uint8_t value)
{
	common(device)->status = value;
	while (value == 0 && common(device)->status)
		cpu_relax();
}

/* 64-bit fields are written in halves (4.1.3.1). */
static void set_address(volatile uint32_t field[2], const void *part)
{
	field[0] = (uint32_t)(uintptr_t)part;
	field[1] = (uint32_t)((uintptr_t)part >> 32);
}

static int enable_queue(struct virtio_device *device, unsigned index, struct virtqueue *vq)
{
	int size;

	common(device)->queue_select = (uint16_t)index;
	size = virtqueue_set_size(vq, common(device)->queue_size);
	if (size < 0)
		return size;
	common(device)->queue_size = (uint16_t)size;
	set_address(common(device)->descriptors, vq->descriptors);
	set_address(common(device)->available, &vq->available);
	set_address(common(device)->used, &vq->used);
	vq->notify =
		(volatile uint16_t *)(device->notify + common(device)->queue_notify_offset * device->notify_multiplier);
	common(device)->queue_enable = 1;
	return 0;
}

static void notify(struct virtio_device *device, unsigned index, struct virtqueue *vq)
{
	(void)device;
	*vq->notify = (uint16_t)index;
}

static const struct virtio_transport transport = {
	.features = features,
	.set_features = set_features,
	.status = status,
	.set_status = set_status,
	.enable_queue = enable_queue,
	.notify = notify,
	.read_config = virtio_read_config,
	.relax = virtio_relax,
};

/* The capability of a part; 0: the function has none. */
static unsigned find_part(const struct pci_host *host, unsigned function, uint8_t part)
{
	unsigned at = 0;

	while ((at = pci_capability(host, function, at, PCI_CAPABILITY_VENDOR)))
		if (pci_read8(host, function, at + CAP_TYPE) == part)
			return at;
	return 0;
}

/* Makes the registers of a part accessible; NULL when that can't be. */
static volatile uint8_t *open_part(struct pci_host *host, unsigned function, uint8_t part)
{
	unsigned at = find_part(host, function, part);
	uint64_t base;
	uint32_t length;

	if (!at || pci_open_bar(host, function, pci_read8(host, function, at + CAP_BAR), &base) < 0)
		return NULL;
	base += host->read(host, function, at + CAP_OFFSET);
	length = host->read(host, function, at + CAP_LENGTH);
	if (!length || mmu_reach(base, length, PAGE_READ | PAGE_WRITE | PAGE_DEVICE) < 0)
		return NULL;
	return (volatile uint8_t *)(uintptr_t)base;
}

static uint32_t type_of(const struct pci_host *host, unsigned function)
{
	uint32_t id = host->read(host, function, PCI_VENDOR), device = id >> 16;

	if ((id & 0xffff) != VENDOR || device < DEVICE_TRANSITIONAL || device > DEVICE_LAST)
		return 0;
	return device >= DEVICE_MODERN ? device - DEVICE_MODERN : host->read(host, function, PCI_SUBSYSTEM) >> 16;
}

static int open_device(struct pci_host *host, unsigned function, struct virtio_device *ret)
{
	struct virtio_device device = {
		.transport = &transport,
		.registers = open_part(host, function, PART_COMMON),
		.notify = open_part(host, function, PART_NOTIFY),
		.config = open_part(host, function, PART_DEVICE), /* some types have none */
		.notify_multiplier =
			host->read(host, function, find_part(host, function, PART_NOTIFY) + CAP_NOTIFY_MULTIPLIER),
	};

	if (!device.registers || !device.notify)
		return -ENODEV;
	*ret = device;
	return 0;
}

int virtio_pci_find(uint32_t id, unsigned *index, struct virtio_device *ret)
{
	struct pci_host *host = pci_host();

	for (unsigned function = 0; host && function < PCI_FUNCTIONS; function++)
		if (type_of(host, function) == id && open_device(host, function, ret) == 0 && !(*index)--)
			return 0;
	return -ENODEV;
}
