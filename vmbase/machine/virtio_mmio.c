// SPDX-License-Identifier: Apache-2.0
/*
 * virtio over MMIO, version 2 of the register layout (virtio 1.2, section 4.2.2).
 */
#include "virtio_transports.h"

#include "vmbase/console.h"
#include "vmbase/error.h"
#include "vmbase/mmu.h"

#include "arch.h"
#include "machine.h"

/* clang-format off */
enum {
	MAGIC = 0x000, VERSION = 0x004, DEVICE_ID = 0x008, FEATURES = 0x010, FEATURES_SELECT = 0x014, DRIVER_FEATURES = 0x020,
	DRIVER_FEATURES_SELECT = 0x024, QUEUE_SELECT = 0x030, QUEUE_SIZE_MAX = 0x034, QUEUE_SIZE = 0x038, QUEUE_READY = 0x044,
	QUEUE_NOTIFY = 0x050, STATUS = 0x070, QUEUE_DESCRIPTORS = 0x080, QUEUE_AVAILABLE = 0x090, QUEUE_USED = 0x0a0,
	CONFIG = 0x100, WINDOW_SIZE = 0x200,
};
/* clang-format on */
#define MAGIC_VALUE 0x74726976u /* "virt" */

static volatile uint32_t *reg(struct virtio_device *device, unsigned offset)
{
	return (volatile uint32_t *)(device->registers + offset);
}

static uint64_t features(struct virtio_device *device)
{
	uint64_t low;

	*reg(device, FEATURES_SELECT) = 0;
	low = *reg(device, FEATURES);
	*reg(device, FEATURES_SELECT) = 1;
	return (uint64_t)*reg(device, FEATURES) << 32 | low;
}

static void set_features(struct virtio_device *device, uint64_t value)
{
	*reg(device, DRIVER_FEATURES_SELECT) = 0;
	*reg(device, DRIVER_FEATURES) = (uint32_t)value;
	*reg(device, DRIVER_FEATURES_SELECT) = 1;
	*reg(device, DRIVER_FEATURES) = (uint32_t)(value >> 32);
}

static uint8_t status(struct virtio_device *device)
{
	return (uint8_t)*reg(device, STATUS);
}

static void set_status(struct virtio_device *device, uint8_t value)
{
	*reg(device, STATUS) = value;
	while (value == 0 && *reg(device, STATUS))
		cpu_relax();
}

static void set_address(struct virtio_device *device, unsigned offset, const void *part)
{
	*reg(device, offset) = (uint32_t)(uintptr_t)part;
	*reg(device, offset + 4) = (uint32_t)((uintptr_t)part >> 32);
}

static int enable_queue(struct virtio_device *device, unsigned index, struct virtqueue *vq)
{
	int size;

	*reg(device, QUEUE_SELECT) = index;
	size = virtqueue_set_size(vq, *reg(device, QUEUE_SIZE_MAX));
	if (size < 0)
		return size;
	*reg(device, QUEUE_SIZE) = (uint32_t)size;
	set_address(device, QUEUE_DESCRIPTORS, vq->descriptors);
	set_address(device, QUEUE_AVAILABLE, &vq->available);
	set_address(device, QUEUE_USED, &vq->used);
	*reg(device, QUEUE_READY) = 1;
	return 0;
}

static void notify(struct virtio_device *device, unsigned index, struct virtqueue *vq)
{
	(void)vq;
	*reg(device, QUEUE_NOTIFY) = index;
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

/* Whether the window at BASE has a device of type ID that can be used. */
static bool is_device(uint64_t base, uint32_t id, struct virtio_device *device)
{
	if (mmu_reach(base, WINDOW_SIZE, PAGE_READ | PAGE_WRITE | PAGE_DEVICE) < 0)
		return false;
	*device = (struct virtio_device){
		.transport = &transport,
		.registers = (volatile uint8_t *)(uintptr_t)base,
		.config = (volatile uint8_t *)(uintptr_t)base + CONFIG,
	};
	if (*reg(device, MAGIC) != MAGIC_VALUE || *reg(device, DEVICE_ID) != id)
		return false;
	if (*reg(device, VERSION) == 2)
		return true;
	console_printf("virtio: the device %u at 0x%lx speaks the legacy interface alone and is not used "
		       "(QEMU: -global virtio-mmio.force-legacy=false)\n",
		       id, base);
	return false;
}

int virtio_mmio_find(uint32_t id, unsigned *index, struct virtio_device *ret)
{
	struct virtio_device device;
	uint64_t base;

	for (unsigned i = 0; (base = arch_virtio_mmio(i)); i++) {
		if (!is_device(base, id, &device) || (*index)--)
			continue;
		*ret = device;
		return 0;
	}
	return -ENODEV;
}
