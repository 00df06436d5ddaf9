// SPDX-License-Identifier: Apache-2.0
#include "vmm/virtqueue.h"

#include <errno.h>
#include <linux/virtio_ring.h>
#include <stdatomic.h>
#include <string.h>

#include "common/log.h"

void virtqueue_init(struct virtqueue *queue, const struct guest_memory *memory, const struct virtio_queue *where)
{
	*queue = (struct virtqueue){ .memory = memory, .where = *where };
}

static int malformed(const char *what)
{
	log_error("the guest's virtqueue is malformed: %s", what);
	return -EBADMSG;
}

static int read_guest(const struct virtqueue *queue, uint64_t address, void *to, size_t size)
{
	const void *from = guest_memory_at(queue->memory, address, size);

	if (!from)
		return malformed("it lies outside the guest's memory");
	memcpy(to, from, size);
	return 0;
}

static int add_part(const struct virtqueue *queue, const struct vring_desc *descriptor, struct virtqueue_chain *chain)
{
	bool writable = descriptor->flags & VRING_DESC_F_WRITE;
	struct iovec *parts = writable ? chain->writable : chain->readable;
	unsigned *count = writable ? &chain->writable_count : &chain->readable_count;
	void *at = guest_memory_at(queue->memory, descriptor->addr, descriptor->len);

	if (!at)
		return malformed("a buffer lies outside the guest's memory");
	if (*count == VIRTQUEUE_MAX_PARTS || (!writable && chain->writable_count))
		return malformed("a chain has too many buffers, or in the wrong order");
	parts[(*count)++] = (struct iovec){ .iov_base = at, .iov_len = descriptor->len };
	return 0;
}

static int read_chain(const struct virtqueue *queue, uint16_t head, struct virtqueue_chain *chain)
{
	uint16_t id = head;

	*chain = (struct virtqueue_chain){ .head = head };
	for (;;) {
		struct vring_desc descriptor;
		int ret;

		if (id >= queue->where.size)
			return malformed("no descriptor has that number");
		ret = read_guest(queue, queue->where.descriptors + id * sizeof(descriptor), &descriptor,
				 sizeof(descriptor));
		if (!ret)
			ret = add_part(queue, &descriptor, chain); /* also ends a chain that bites its tail */
		if (ret || !(descriptor.flags & VRING_DESC_F_NEXT))
			return ret;
		id = descriptor.next;
	}
}

int virtqueue_take(struct virtqueue *queue, struct virtqueue_chain *ret_chain)
{
	struct virtqueue_chain chain;
	uint16_t slot = queue->next_available % (queue->where.size ? queue->where.size : 1);
	uint16_t index, head;
	int ret;

	if (!queue->where.ready)
		return 0;
	ret = read_guest(queue, queue->where.driver + offsetof(struct vring_avail, idx), &index, sizeof(index));
	if (ret)
		return ret;
	if (index == queue->next_available)
		return 0;
	atomic_thread_fence(memory_order_acquire); /* what the driver wrote before it moved the index */
	ret = read_guest(queue, queue->where.driver + offsetof(struct vring_avail, ring) + 2 * slot, &head,
			 sizeof(head));
	if (!ret)
		ret = read_chain(queue, head, &chain);
	if (ret)
		return ret;
	queue->next_available++;
	*ret_chain = chain;
	return 1;
}

void virtqueue_give(struct virtqueue *queue, const struct virtqueue_chain *chain, uint32_t written)
{
	const struct vring_used_elem element = { .id = chain->head, .len = written };
	uint64_t at = queue->where.device + offsetof(struct vring_used, ring) +
		      sizeof(element) * (queue->next_used % queue->where.size);
	_Atomic uint16_t *index =
		guest_memory_at(queue->memory, queue->where.device + offsetof(struct vring_used, idx), 2);

	if (!index || (uintptr_t)index % sizeof(*index) ||
	    guest_memory_write(queue->memory, at, &element, sizeof(element), "used ring"))
		return; /* the driver put its ring where nothing is: it never learns of the end */
	atomic_store_explicit(index, ++queue->next_used, memory_order_release);
}
