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

/* The free descriptor with the lowest number from ID on; the queue's size if there is none. */
static unsigned find_free(const struct virtqueue *vq, uint16_t taken, unsigned id)
{
	while (id < vq->size && taken >> id & 1)
		id++;
	return id;
}

/* Shows the request that begins with descriptor ID to the device. */
static void publish(struct virtqueue *vq, unsigned id)
{
	uint16_t index = vq->available.index;

	vq->available.ring[index % vq->size] = (uint16_t)id;
	/* The device may look from this store on: everything above must be visible before it. */
	__atomic_store_n(&vq->available.index, (uint16_t)(index + 1), __ATOMIC_RELEASE);
	/* And the store itself before the notification that follows, which may go to memory of another type. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

int virtqueue_add_chain(struct virtqueue *vq, const struct virtqueue_part *parts, unsigned count)
{
	unsigned ids[VIRTQUEUE_SIZE];
	uint16_t chain = 0;
	uint32_t writable = 0;

	if (count == 0 || count > vq->size)
		return -ENOMEM;
	for (unsigned i = 0; i < count; i++) {
		ids[i] = find_free(vq, vq->outstanding | chain, i ? ids[i - 1] + 1 : 0);
		if (ids[i] == vq->size)
			return -ENOMEM;
		chain |= (uint16_t)(1u << ids[i]);
		writable += parts[i].device_writes ? parts[i].size : 0;
	}
	for (unsigned i = 0; i < count; i++)
		vq->descriptors[ids[i]] = (struct virtqueue_descriptor){
			.address = (uintptr_t)parts[i].buffer,
			.size = parts[i].size,
			.flags = (parts[i].device_writes ? VIRTQUEUE_DEVICE_WRITES : 0) |
				 (i + 1 < count ? VIRTQUEUE_NEXT : 0),
			.next = i + 1 < count ? (uint16_t)ids[i + 1] : 0,
		};
	vq->outstanding |= chain;
	vq->chains[ids[0]] = chain;
	vq->writable[ids[0]] = writable;
	publish(vq, ids[0]);
	return (int)ids[0];
}

int virtqueue_add(struct virtqueue *vq, void *buffer, uint32_t size, bool device_writes)
{
	return virtqueue_add_chain(vq, &(struct virtqueue_part){ buffer, size, device_writes }, 1);
}

int virtqueue_take(struct virtqueue *vq, uint32_t *ret_size)
{
	uint32_t id, size, slot = vq->used_seen % vq->size;

	if (__atomic_load_n(&vq->used.index, __ATOMIC_ACQUIRE) == vq->used_seen)
		return -ENOENT;
	/* Read once: the device could change them between a check and a use. */
	id = *(volatile uint32_t *)&vq->used.ring[slot].id;
	size = *(volatile uint32_t *)&vq->used.ring[slot].size;
	if (id >= vq->size || !vq->chains[id])
		return -EPROTO;
	/* A device writes nothing into buffers that are only for reading; some count what they read all the same. */
	if (!vq->writable[id])
		size = 0;
	if (size > vq->writable[id])
		return -EPROTO;
	vq->used_seen++;
	vq->outstanding &= (uint16_t)~vq->chains[id];
	vq->chains[id] = 0;
	*ret_size = size;
	return (int)id;
}
