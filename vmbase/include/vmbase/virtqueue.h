/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Split virtqueues (virtio 1.2, section 2.7): only the memory that is shared with a device; the caller notifies the device
 * after adding buffers.  A request is one buffer, or a chain of them.
 *
 * What the device writes is checked: a faulty device must not corrupt the guest.  Pure code; physical
 * addresses are pointers, as vmbase maps memory where it is.
 */
#ifndef VMBASE_VIRTQUEUE_H
#define VMBASE_VIRTQUEUE_H

#include <stdbool.h>
#include <stdint.h>

#define VIRTQUEUE_SIZE 16 /* buffers, at most: a device may allow fewer */

struct virtqueue_descriptor {
	uint64_t address;
	uint32_t size;
	uint16_t flags, next;
};
#define VIRTQUEUE_NEXT          1 /* in flags: the chain goes on at NEXT */
#define VIRTQUEUE_DEVICE_WRITES 2 /* in flags: the device fills the buffer */

struct virtqueue_available {
	uint16_t flags, index, ring[VIRTQUEUE_SIZE], used_event;
};

struct virtqueue_used {
	uint16_t flags, index;
	struct {
		uint32_t id, size;
	} ring[VIRTQUEUE_SIZE];
	uint16_t available_event;
};

struct virtqueue {
	/* The three parts whose addresses the device gets, with the required alignment (2.7, table). */
	_Alignas(16) struct virtqueue_descriptor descriptors[VIRTQUEUE_SIZE];
	_Alignas(4) struct virtqueue_available available;
	_Alignas(4) struct virtqueue_used used;
	/* The driver's own notes. */
	uint16_t size;        /* buffers, as agreed with the device */
	uint16_t used_seen;   /* entries of `used` that were taken */
	uint16_t outstanding; /* a bit for each descriptor that the device has */
	/* Of the request that begins with a descriptor: a bit for each of its descriptors, and how much the device may write. */
	uint16_t chains[VIRTQUEUE_SIZE];
	uint32_t writable[VIRTQUEUE_SIZE];
	volatile uint16_t *notify; /* where to write the number of the queue; the PCI transport keeps it here */
};

void virtqueue_init(struct virtqueue *vq);

/*
 * Agrees on a size with a device that allows MAX buffers; returns it.  -ENODEV: MAX is 0 (there is no such queue) or not
 * a power of two.  For transports, before the first buffer is added.
 */
int virtqueue_set_size(struct virtqueue *vq, uint32_t max);

/*
 * Hands SIZE bytes at BUFFER to the device, which owns them until virtqueue_take returns their number.  Returns that
 * number (0 .. size - 1) or -ENOMEM: the device has as many buffers as there can be.
 */
int virtqueue_add(struct virtqueue *vq, void *buffer, uint32_t size, bool device_writes);

/*
 * The same for a chain of COUNT buffers, those that the device only reads first (virtio 1.2, 2.7.4.2).  Returns the number of
 * the request.
 */
struct virtqueue_part {
	void *buffer;
	uint32_t size;
	bool device_writes;
};
int virtqueue_add_chain(struct virtqueue *vq, const struct virtqueue_part *parts, unsigned count);

/*
 * Takes back a request that the device is done with: its number, and how many bytes the device wrote.
 * -ENOENT: there is none now.  -EPROTO: the device returned a request that it did not have, or claims to have written
 * more than fits; the queue can't be used any more.
 */
int virtqueue_take(struct virtqueue *vq, uint32_t *ret_size);

#endif
