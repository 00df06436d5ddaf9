// SPDX-License-Identifier: Apache-2.0
#include "vmbase/virtqueue.h"

#include "vmbase/error.h"
#include "vmbase/string.h"

_Static_assert(sizeof(struct virtqueue_descriptor) == 16, "virtio 2.7.5");
_Static_assert(sizeof(((struct virtqueue_used *)0)->ring[0]) == 8, "virtio 2.7.8");
_Static_assert(VIRTQUEUE_SIZE <= 16, "outstanding has a bit for each");

void virtqueue_init(struct virtqueue *vq)
{
	memset(vq, 0, sizeof(*vq));
	vq->size = VIRTQUEUE_SIZE;
	vq->available.flags = 1; /* no interrupts: drivers here poll (2.7.7) */
}

int virtqueue_set_size(struct virtqueue *vq, uint32_t max)
{
	if (!max || max & (max - 1))
		return -ENODEV;
	vq->size = max < VIRTQUEUE_SIZE ? (uint16_t)max : VIRTQUEUE_SIZE;
	return vq->size;
}

int virtqueue_add(struct virtqueue *vq, void *buffer, uint32_t size, bool device_writes)
{
	uint16_t index = vq->available.index;
	int id = 0;

	while (id < vq->size && vq->outstanding >> id & 1)
		id++;
	if (id == vq->size)
		return -ENOMEM;
	vq->outstanding |= (uint16_t)(1u << id);
	vq->descriptors[id] = (struct virtqueue_descriptor){
		.address = (uintptr_t)buffer,
		.size = size,
		.flags = device_writes ? VIRTQUEUE_DEVICE_WRITES : 0,
	};
	vq->available.ring[index % vq->size] = (uint16_t)id;
	/* The device may look from this store on: everything above must be visible before it. */
	__atomic_store_n(&vq->available.index, (uint16_t)(index + 1), __ATOMIC_RELEASE);
	/* And the store itself before the notification that follows, which may go to memory of another type. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return id;
}

int virtqueue_take(struct virtqueue *vq, uint32_t *ret_size)
{
	uint32_t id, size, slot = vq->used_seen % vq->size;

	if (__atomic_load_n(&vq->used.index, __ATOMIC_ACQUIRE) == vq->used_seen)
		return -ENOENT;
	/* Read once: the device could change them between a check and a use. */
	id = *(volatile uint32_t *)&vq->used.ring[slot].id;
	size = *(volatile uint32_t *)&vq->used.ring[slot].size;
	if (id >= vq->size || !(vq->outstanding >> id & 1))
		return -EPROTO;
	/* A device writes nothing into a buffer that is only for reading; some count what they read all the same. */
	if (!(vq->descriptors[id].flags & VIRTQUEUE_DEVICE_WRITES))
		size = 0;
	if (size > vq->descriptors[id].size)
		return -EPROTO;
	vq->used_seen++;
	vq->outstanding &= (uint16_t)~(1u << id);
	*ret_size = size;
	return (int)id;
}
