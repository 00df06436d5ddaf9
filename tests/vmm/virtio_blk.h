/* SPDX-License-Identifier: Apache-2.0 */
/* A disk (virtio 1.2, 5.2): files or a block device of the host (disk_image.h), read and written while the guest waits. */
#ifndef VMM_VIRTIO_BLK_H
#define VMM_VIRTIO_BLK_H

#include "vmm/disk_image.h"
#include "vmm/irq.h"
#include "vmm/options.h"
#include "vmm/virtqueue.h"

struct virtio_blk {
	struct virtio_mmio transport; /* for the bus */
	struct virtqueue queue;
	uint64_t capacity;       /* sectors; also the guest's configuration space */
	struct disk_image image; /* owned */
	bool read_only;
	bool broken; /* the driver made a mistake; until its next reset */
	struct irq_line irq;
	const struct guest_memory *memory;
};

/* Opens the image.  0 or a negative errno after a message.  MEMORY must outlive DISK. */
int virtio_blk_init(struct virtio_blk *disk, const struct disk_options *options, const struct irq_line *irq,
		    const struct guest_memory *memory);

#endif
