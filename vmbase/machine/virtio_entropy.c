// SPDX-License-Identifier: Apache-2.0
#include "vmbase/error.h"
#include "vmbase/virtio.h"

/* The device is reset before this returns, so that it never writes into a buffer that its owner has left. */
int virtio_entropy(void *buffer, uint32_t size)
{
	static struct virtqueue queue;
	struct virtqueue *queues[] = { &queue };
	struct virtio_device device;
	uint32_t done = 0;
	int r = virtio_find(VIRTIO_ID_ENTROPY, &device);

	if (r < 0)
		return r;
	virtqueue_init(&queue);
	r = virtio_start(&device, 0, queues, 1);
	while (r >= 0 && done < size) {
		uint32_t written = 0;

		virtqueue_add(&queue, (char *)buffer + done, size - done, true);
		device.transport->notify(&device, 0, &queue);
		while ((r = virtqueue_take(&queue, &written)) == -ENOENT && !virtio_is_broken(&device))
			device.transport->relax(&device);
		done += written;
	}
	device.transport->set_status(&device, 0);
	if (r == -ENOENT)
		r = -EPROTO;
	return r < 0 ? r : 0;
}
