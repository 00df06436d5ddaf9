// SPDX-License-Identifier: Apache-2.0
#include "virtio_transports.h"

#include "arch.h"

void virtio_read_config(struct virtio_device *device, unsigned offset, void *to, unsigned size)
{
	for (unsigned i = 0; i < size; i++)
		((uint8_t *)to)[i] = device->config[offset + i];
}

void virtio_relax(struct virtio_device *device)
{
	(void)device;
	cpu_relax();
}

int virtio_find_one(uint32_t id, unsigned index, struct virtio_device *ret)
{
	int r = virtio_mmio_find(id, &index, ret);

	return r < 0 ? virtio_pci_find(id, &index, ret) : 0;
}

int virtio_find(uint32_t id, struct virtio_device *ret)
{
	return virtio_find_one(id, 0, ret);
}
