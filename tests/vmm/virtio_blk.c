// SPDX-License-Identifier: Apache-2.0
#include "vmm/virtio_blk.h"

#include <errno.h>
#include <linux/virtio_blk.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ids.h>
#include <string.h>

#include "common/log.h"

enum { SECTOR_BYTES = 512 };

static size_t total(const struct iovec *parts, unsigned count)
{
	size_t bytes = 0;

	for (unsigned i = 0; i < count; i++)
		bytes += parts[i].iov_len;
	return bytes;
}

/* The answer for the driver; RET_WRITTEN counts what the guest got. */
static uint8_t transfer(const struct virtio_blk *disk, const struct virtio_blk_outhdr *header,
			const struct iovec *parts, unsigned count, uint32_t *ret_written)
{
	bool write = header->type == VIRTIO_BLK_T_OUT;
	size_t bytes = total(parts, count);

	if (bytes % SECTOR_BYTES || header->sector > disk->capacity ||
	    bytes / SECTOR_BYTES > disk->capacity - header->sector)
		return VIRTIO_BLK_S_IOERR;
	if (write && disk->read_only)
		return VIRTIO_BLK_S_IOERR;
	if (disk_image_transfer(&disk->image, write, parts, count, header->sector * SECTOR_BYTES) < 0)
		return VIRTIO_BLK_S_IOERR;
	*ret_written = write ? 0 : (uint32_t)bytes;
	return VIRTIO_BLK_S_OK;
}

static uint8_t execute(const struct virtio_blk *disk, const struct virtio_blk_outhdr *header,
		       struct virtqueue_chain *chain, uint32_t *ret_written)
{
	switch (header->type) {
	case VIRTIO_BLK_T_IN: /* the last writable part is the status */
		return transfer(disk, header, chain->writable, chain->writable_count - 1, ret_written);
	case VIRTIO_BLK_T_OUT: /* the first readable part is the header */
		return transfer(disk, header, chain->readable + 1, chain->readable_count - 1, ret_written);
	case VIRTIO_BLK_T_FLUSH:
		return disk_image_flush(&disk->image) ? VIRTIO_BLK_S_IOERR : VIRTIO_BLK_S_OK;
	default:
		return VIRTIO_BLK_S_UNSUPP;
	}
}

/* Drivers may split header and status differently; like Linux, they must use separate buffers here. */
static int serve(struct virtio_blk *disk, struct virtqueue_chain *chain)
{
	struct virtio_blk_outhdr header;
	const struct iovec *status;
	uint32_t written = 0;

	if (!chain->readable_count || !chain->writable_count || chain->readable[0].iov_len != sizeof(header) ||
	    chain->writable[chain->writable_count - 1].iov_len != 1) {
		log_error("a disk request of the guest has no header or no room for its status");
		return -EBADMSG;
	}
	status = &chain->writable[chain->writable_count - 1];
	memcpy(&header, chain->readable[0].iov_base, sizeof(header));
	*(uint8_t *)status->iov_base = execute(disk, &header, chain, &written);
	virtqueue_give(&disk->queue, chain, written + 1);
	return 0;
}

static void notify(void *device, unsigned queue)
{
	struct virtio_blk *disk = device;
	struct virtqueue_chain chain;
	int ret = 0;

	(void)queue;
	while (!disk->broken && (ret = virtqueue_take(&disk->queue, &chain)) > 0)
		disk->broken = serve(disk, &chain) != 0;
	if (ret < 0)
		disk->broken = true;
	irq_pulse(&disk->irq);
}

static void activate(void *device, const struct virtio_mmio *transport)
{
	struct virtio_blk *disk = device;

	disk->broken = false;
	virtqueue_init(&disk->queue, disk->memory, &transport->queues[0]);
}

static void reset(void *device)
{
	((struct virtio_blk *)device)->queue.where.ready = false;
}

static const struct virtio_ops blk_ops = {
	.id = VIRTIO_ID_BLOCK,
	.queues = 1,
	.activate = activate,
	.reset = reset,
	.notify = notify,
};

int virtio_blk_init(struct virtio_blk *disk, const struct disk_options *options, const struct irq_line *irq,
		    const struct guest_memory *memory)
{
	struct disk_image image;
	int ret = disk_image_open(options, &image);

	if (ret)
		return ret;
	*disk = (struct virtio_blk){
		.image = image, .read_only = options->read_only, .capacity = image.size / SECTOR_BYTES, .irq = *irq, .memory = memory,
		.transport = {
			.ops = &blk_ops, .device = disk, .config = &disk->capacity, .config_size = sizeof(disk->capacity),
			.features = 1ULL << VIRTIO_F_VERSION_1 | 1ULL << VIRTIO_BLK_F_FLUSH |
				    (options->read_only ? 1ULL << VIRTIO_BLK_F_RO : 0),
		},
	};
	return 0;
}
