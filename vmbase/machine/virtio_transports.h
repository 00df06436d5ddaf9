/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two transports, for virtio_find, and what they have in common.
 */
#ifndef VMBASE_VIRTIO_TRANSPORTS_H
#define VMBASE_VIRTIO_TRANSPORTS_H

#include "vmbase/virtio.h"

/* As virtio_find_one, on one transport each.  INDEX is lowered by the devices of type ID that were passed over. */
int virtio_mmio_find(uint32_t id, unsigned *index, struct virtio_device *ret);
int virtio_pci_find(uint32_t id, unsigned *index, struct virtio_device *ret);

void virtio_read_config(struct virtio_device *device, unsigned offset, void *to, unsigned size);
void virtio_relax(struct virtio_device *device);

#endif
