/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Disks: the virtio block device (virtio 1.2, section 5.2).  One request at a time, for which the driver waits.
 *
 * Not thread-safe.
 */
#ifndef VMBASE_DISK_H
#define VMBASE_DISK_H

#include "vmbase/virtio.h"

#define DISK_SECTOR 512

struct disk {
	struct virtio_device *device;
	struct virtqueue queue;
	uint64_t sectors; /* its size, when it was started */
};

/* Starts DEVICE, of type VIRTIO_ID_BLOCK.  Both must stay.  Errors of virtio_start. */
int disk_start(struct disk *disk, struct virtio_device *device);

/*
 * Each moves COUNT sectors between BUFFER and the disk, from SECTOR on.  -ERANGE: the disk has not so many; -EIO: the device
 * reports an error, or that the disk is read-only; -EPROTO: the device misbehaves, and the disk can't be used any more.
 */
int disk_read(struct disk *disk, uint64_t sector, void *buffer, uint32_t count);
int disk_write(struct disk *disk, uint64_t sector, const void *buffer, uint32_t count);

/* Resets the device: it writes nowhere any more. */
void disk_stop(struct disk *disk);

#endif
