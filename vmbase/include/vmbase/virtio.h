/* SPDX-License-Identifier: Apache-2.0 */
/*
 * virtio devices (virtio 1.2), over PCI and over MMIO, behind one interface.  Only the modern interface: a device that
 * offers no VIRTIO_F_VERSION_1 is refused.
 *
 * Drivers poll; there are no interrupts.  Not thread-safe.
 */
#ifndef VMBASE_VIRTIO_H
#define VMBASE_VIRTIO_H

#include <stdint.h>

#include "vmbase/virtqueue.h"

/* Device types (virtio 1.2, section 5). */
#define VIRTIO_ID_BLOCK   2
#define VIRTIO_ID_ENTROPY 4
#define VIRTIO_ID_VSOCK  19

#define VIRTIO_F_VERSION_1       (1ull << 32)
/*
 * The device is behind an IOMMU or may reach shared memory alone.  It is accepted: vmbase maps one to one and is not
 * for protected VMs, where memory would have to be shared with the host first.
 */
#define VIRTIO_F_ACCESS_PLATFORM (1ull << 33)

struct virtio_device;

/* What a transport does (virtio_pci.c, virtio_mmio.c; the device model in the unit tests). */
struct virtio_transport {
	uint64_t (*features)(struct virtio_device *device);
	void (*set_features)(struct virtio_device *device, uint64_t features);
	uint8_t (*status)(struct virtio_device *device);
	void (*set_status)(struct virtio_device *device, uint8_t status); /* 0 resets, and returns when that is done */
	/* Agrees on the size of VQ and enables it.  -ENODEV: the device has no such queue. */
	int (*enable_queue)(struct virtio_device *device, unsigned index, struct virtqueue *vq);
	void (*notify)(struct virtio_device *device, unsigned index, struct virtqueue *vq);
	void (*read_config)(struct virtio_device *device, unsigned offset, void *to, unsigned size);
	void (*relax)(struct virtio_device *device); /* called between two polls of a queue */
};

struct virtio_device {
	const struct virtio_transport *transport;
	volatile uint8_t *registers; /* common configuration (PCI), or the window (MMIO) */
	volatile uint8_t *config;    /* of the device's own kind */
	volatile uint8_t *notify;    /* PCI: the area for notifications */
	uint32_t notify_multiplier;
};

/*
 * Finds the first device of type ID, on the machine's MMIO windows or on PCI bus 0.
 * -ENODEV: there is none (a device that only speaks the legacy interface is reported on the console).
 */
int virtio_find(uint32_t id, struct virtio_device *ret);

/* The same for the device of type ID with number INDEX, counted from 0, on MMIO first. */
int virtio_find_one(uint32_t id, unsigned index, struct virtio_device *ret);

/*
 * Resets DEVICE, agrees on WANTED of its features (VERSION_1 is always among them), enables QUEUES[0 .. COUNT) and sets
 * it running.  QUEUES must be initialised and stay.  -EPROTO: the device lacks a feature or refuses; -ENODEV: a queue
 * is missing.  After a failure the device is marked as given up.
 */
int virtio_start(struct virtio_device *device, uint64_t wanted, struct virtqueue *const *queues, unsigned count);

/* Whether the device says that it is broken and must be reset. */
bool virtio_is_broken(struct virtio_device *device);

/*
 * Fills SIZE bytes at BUFFER from the machine's virtio entropy device, a good source where the processor has none.
 * -ENODEV and the errors of virtio_start; -EPROTO: the device misbehaves.
 */
int virtio_entropy(void *buffer, uint32_t size);

#endif
