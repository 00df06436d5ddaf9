// SPDX-License-Identifier: Apache-2.0
#include "vmm/vhost_vsock.h"

#include <errno.h>
#include <linux/vhost.h>
#include <linux/virtio_config.h>

#include "common/log.h"
#include "vmm/file.h"

int vhost_vsock_own(int fd)
{
	return call_ioctl(fd, VHOST_SET_OWNER, 0);
}

int vhost_vsock_features(int fd, uint64_t *ret)
{
	uint64_t features;
	int error = call_ioctl(fd, VHOST_GET_FEATURES, &features);

	if (error < 0)
		return error;
	/* Neither live migration nor an IOMMU is served here. */
	*ret = features & ~(1ULL << VHOST_F_LOG_ALL | 1ULL << VIRTIO_F_ACCESS_PLATFORM);
	return 0;
}

int vhost_vsock_claim(int fd, uint64_t cid)
{
	int ret = call_ioctl(fd, VHOST_VSOCK_SET_GUEST_CID, &cid);

	if (ret < 0)
		log_error("CID %llu could not be claimed", (unsigned long long)cid);
	return ret;
}

static int set_memory(int fd, const struct guest_memory *memory)
{
	struct {
		struct vhost_memory table;
		struct vhost_memory_region regions[GUEST_MEMORY_MAX_REGIONS];
	} request = { .table.nregions = (uint32_t)memory->count };

	for (size_t i = 0; i < memory->count; i++)
		request.regions[i] = (struct vhost_memory_region){
			.guest_phys_addr = memory->regions[i].base,
			.memory_size = memory->regions[i].size,
			.userspace_addr = (uintptr_t)memory->regions[i].host,
		};
	return call_ioctl(fd, VHOST_SET_MEM_TABLE, &request);
}

/* The rings' sizes: virtio 1.2, 2.7 "Split Virtqueues". */
static int ring_addresses(const struct virtio_queue *queue, const struct guest_memory *memory,
			  struct vhost_vring_addr *ret)
{
	void *descriptors = guest_memory_at(memory, queue->descriptors, 16ULL * queue->size);
	void *available = guest_memory_at(memory, queue->driver, 6 + 2ULL * queue->size);
	void *used = guest_memory_at(memory, queue->device, 6 + 8ULL * queue->size);

	if (!queue->ready || !descriptors || !available || !used) {
		log_error("the guest's vsock driver started with a queue that is not ready or lies outside its memory");
		return -EFAULT;
	}
	ret->desc_user_addr = (uintptr_t)descriptors;
	ret->avail_user_addr = (uintptr_t)available;
	ret->used_user_addr = (uintptr_t)used;
	return 0;
}

static int set_ring(int fd, unsigned index, const struct virtio_queue *queue, const struct guest_memory *memory,
		    const struct vhost_vsock_events *events)
{
	struct vhost_vring_state size = { .index = index, .num = queue->size };
	struct vhost_vring_state base = { .index = index };
	struct vhost_vring_file kick = { .index = index, .fd = events->kick[index] };
	struct vhost_vring_file call = { .index = index, .fd = events->call };
	struct vhost_vring_addr addresses = { .index = index };
	int ret = ring_addresses(queue, memory, &addresses);

	if (!ret)
		ret = call_ioctl(fd, VHOST_SET_VRING_NUM, &size);
	if (!ret)
		ret = call_ioctl(fd, VHOST_SET_VRING_BASE, &base);
	if (!ret)
		ret = call_ioctl(fd, VHOST_SET_VRING_ADDR, &addresses);
	if (!ret)
		ret = call_ioctl(fd, VHOST_SET_VRING_KICK, &kick);
	if (!ret)
		ret = call_ioctl(fd, VHOST_SET_VRING_CALL, &call);
	return ret;
}

int vhost_vsock_set_up(int fd, const struct vhost_vsock_setup *setup, const struct guest_memory *memory,
		       const struct vhost_vsock_events *events)
{
	int ret = call_ioctl(fd, VHOST_SET_FEATURES, &setup->features);

	if (!ret)
		ret = set_memory(fd, memory);
	for (unsigned i = 0; !ret && i < VHOST_VSOCK_QUEUES; i++)
		ret = set_ring(fd, i, &setup->queues[i], memory, events);
	return ret;
}

int vhost_vsock_run(int fd, int running)
{
	return call_ioctl(fd, VHOST_VSOCK_SET_RUNNING, &running);
}
