/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device's side of a split virtqueue (virtio 1.2, 2.7), for devices that this process serves itself.  What lies in
 * the guest's memory may be wrong and may change at any time: it is read once, and checked after that.
 */
#ifndef VMM_VIRTQUEUE_H
#define VMM_VIRTQUEUE_H

#include <stdint.h>
#include <sys/uio.h>

#include "vmm/guest_memory.h"
#include "vmm/virtio_mmio.h"

enum { VIRTQUEUE_MAX_PARTS = 16 };

struct virtqueue {
	const struct guest_memory *memory;
	struct virtio_queue where;
	uint16_t next_available, next_used;
};

/* One chain of buffers: the device reads the first ones and writes the others. */
struct virtqueue_chain {
	uint16_t head;
	unsigned readable_count, writable_count;
	struct iovec readable[VIRTQUEUE_MAX_PARTS], writable[VIRTQUEUE_MAX_PARTS]; /* in the guest's memory */
};

void virtqueue_init(struct virtqueue *queue, const struct guest_memory *memory, const struct virtio_queue *where);

/*
 * Takes the next chain: 1, or 0 when the driver gave none.  -EBADMSG after a message when the queue or the chain is
 * malformed; the device then stops looking at the queue.
 */
int virtqueue_take(struct virtqueue *queue, struct virtqueue_chain *ret);

/* Gives a chain back, with the number of bytes that were written into it.  The caller raises the interrupt. */
void virtqueue_give(struct virtqueue *queue, const struct virtqueue_chain *chain, uint32_t written);

#endif
