// SPDX-License-Identifier: Apache-2.0
#include "vmm/virtio_mmio.h"

#include <linux/virtio_config.h>
#include <linux/virtio_mmio.h>
#include <string.h>

enum { MAGIC = 0x74726976 /* "virt" */, VERSION = 2, VENDOR = 0x4d4d5654 /* "TVMM" */ };

static struct virtio_queue *selected_queue(struct virtio_mmio *transport)
{
	return transport->queue < transport->ops->queues ? &transport->queues[transport->queue] : NULL;
}

static uint32_t read_register(struct virtio_mmio *transport, uint64_t offset)
{
	const struct virtio_queue *queue = selected_queue(transport);

	switch (offset) {
	case VIRTIO_MMIO_MAGIC_VALUE:
		return MAGIC;
	case VIRTIO_MMIO_VERSION:
		return VERSION;
	case VIRTIO_MMIO_DEVICE_ID:
		return transport->ops->id;
	case VIRTIO_MMIO_VENDOR_ID:
		return VENDOR;
	case VIRTIO_MMIO_DEVICE_FEATURES:
		return transport->features_page < 2 ?
			       (uint32_t)(transport->features >> (32 * transport->features_page)) :
			       0;
	case VIRTIO_MMIO_QUEUE_NUM_MAX:
		return queue ? VIRTIO_QUEUE_MAX_SIZE : 0;
	case VIRTIO_MMIO_QUEUE_READY:
		return queue && queue->ready;
	case VIRTIO_MMIO_INTERRUPT_STATUS:
		/* The kernel raises the interrupts of vhost without notifying this process: a used buffer is always possible. */
		return VIRTIO_MMIO_INT_VRING;
	case VIRTIO_MMIO_STATUS:
		return transport->status;
	default:
		return 0;
	}
}

static void reset(struct virtio_mmio *transport)
{
	if (transport->status & VIRTIO_CONFIG_S_DRIVER_OK)
		transport->ops->reset(transport->device);
	transport->status = 0;
	transport->accepted_features = 0;
	transport->features_page = transport->driver_features_page = transport->queue = 0;
	memset(transport->queues, 0, sizeof(transport->queues));
}

static void set_status(struct virtio_mmio *transport, uint32_t status)
{
	bool was_ready = transport->status & VIRTIO_CONFIG_S_DRIVER_OK;

	if (!status) {
		reset(transport);
		return;
	}
	transport->status = status;
	if (!was_ready && (status & VIRTIO_CONFIG_S_DRIVER_OK))
		transport->ops->activate(transport->device, transport);
}

static void set_half(uint64_t *address, bool high, uint32_t value)
{
	*address = high ? (*address & 0xffffffff) | (uint64_t)value << 32 : (*address & ~0xffffffffULL) | value;
}

static void accept_features(struct virtio_mmio *transport, uint32_t value)
{
	if (transport->driver_features_page < 2)
		set_half(&transport->accepted_features, transport->driver_features_page, value);
	transport->accepted_features &= transport->features;
}

static void write_queue_register(struct virtio_queue *queue, uint64_t offset, uint32_t value)
{
	switch (offset) {
	case VIRTIO_MMIO_QUEUE_NUM:
		/* Not a power of two, or too much, is a mistake of the driver: the queue then never becomes ready. */
		queue->size = value <= VIRTIO_QUEUE_MAX_SIZE && !(value & (value - 1)) ? value : 0;
		break;
	case VIRTIO_MMIO_QUEUE_READY:
		queue->ready = queue->size && (value & 1);
		break;
	case VIRTIO_MMIO_QUEUE_DESC_LOW:
	case VIRTIO_MMIO_QUEUE_DESC_HIGH:
		set_half(&queue->descriptors, offset == VIRTIO_MMIO_QUEUE_DESC_HIGH, value);
		break;
	case VIRTIO_MMIO_QUEUE_AVAIL_LOW:
	case VIRTIO_MMIO_QUEUE_AVAIL_HIGH:
		set_half(&queue->driver, offset == VIRTIO_MMIO_QUEUE_AVAIL_HIGH, value);
		break;
	case VIRTIO_MMIO_QUEUE_USED_LOW:
	case VIRTIO_MMIO_QUEUE_USED_HIGH:
		set_half(&queue->device, offset == VIRTIO_MMIO_QUEUE_USED_HIGH, value);
		break;
	}
}

static void write_register(struct virtio_mmio *transport, uint64_t offset, uint32_t value)
{
	struct virtio_queue *queue = selected_queue(transport);

	switch (offset) {
	case VIRTIO_MMIO_DEVICE_FEATURES_SEL:
		transport->features_page = value;
		break;
	case VIRTIO_MMIO_DRIVER_FEATURES_SEL:
		transport->driver_features_page = value;
		break;
	case VIRTIO_MMIO_DRIVER_FEATURES:
		accept_features(transport, value);
		break;
	case VIRTIO_MMIO_QUEUE_SEL:
		transport->queue = value;
		break;
	case VIRTIO_MMIO_QUEUE_NOTIFY:
		if (transport->ops->notify && value < transport->ops->queues && transport->queues[value].ready)
			transport->ops->notify(transport->device, value);
		break;
	case VIRTIO_MMIO_STATUS:
		set_status(transport, value);
		break;
	default:
		if (queue)
			write_queue_register(queue, offset, value);
	}
}

void virtio_mmio_read(void *device, uint64_t offset, void *data, size_t size)
{
	struct virtio_mmio *transport = device;
	uint32_t value;

	if (offset >= VIRTIO_MMIO_CONFIG) {
		offset -= VIRTIO_MMIO_CONFIG;
		if (offset + size <= transport->config_size)
			memcpy(data, (const char *)transport->config + offset, size);
	} else if (size == sizeof(value)) {
		value = read_register(transport, offset);
		memcpy(data, &value, sizeof(value));
	}
}

void virtio_mmio_write(void *device, uint64_t offset, const void *data, size_t size)
{
	uint32_t value;

	if (size != sizeof(value))
		return;
	memcpy(&value, data, sizeof(value));
	write_register(device, offset, value);
}
