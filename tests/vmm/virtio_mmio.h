/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A virtio device behind memory-mapped registers (virtio 1.2, 4.2 "Virtio Over MMIO", version 2; numbers in
 * linux/virtio_mmio.h).  A device is a struct virtio_ops and its own data; this file speaks with the driver.
 */
#ifndef VMM_VIRTIO_MMIO_H
#define VMM_VIRTIO_MMIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { VIRTIO_MAX_QUEUES = 3, VIRTIO_QUEUE_MAX_SIZE = 256, VIRTIO_MMIO_BYTES = 0x200 };

/* Where the driver put a queue, in guest-physical addresses. */
struct virtio_queue {
	uint32_t size;
	bool ready;
	uint64_t descriptors, driver, device; /* the latter two: available and used ring */
};

struct virtio_mmio;

struct virtio_ops {
	uint32_t id; /* linux/virtio_ids.h */
	unsigned queues;
	void (*activate)(void *device, const struct virtio_mmio *transport); /* the driver is ready */
	void (*reset)(void *device);                                         /* ... and no longer */
	void (*notify)(void *device, unsigned queue);                        /* NULL: the kernel hears it (ioeventfd) */
};

struct virtio_mmio {
	const struct virtio_ops *ops;
	void *device;       /* passed to the functions of ops; not owned */
	uint64_t features;  /* what the device offers */
	const void *config; /* not owned, little endian */
	size_t config_size;

	uint64_t accepted_features;
	uint32_t status;
	uint32_t features_page, driver_features_page, queue;
	struct virtio_queue queues[VIRTIO_MAX_QUEUES];
};

/* For a bus.  The caller holds the devices' lock. */
void virtio_mmio_read(void *transport, uint64_t offset, void *data, size_t size);
void virtio_mmio_write(void *transport, uint64_t offset, const void *data, size_t size);

#endif
