// SPDX-License-Identifier: Apache-2.0
#include "vmbase/disk.h"

#include "vmbase/error.h"

#include "little_endian.h"

/* virtio 1.2, 5.2.6 */
enum { REQUEST_READ = 0, REQUEST_WRITE = 1, STATUS_OK = 0 };

struct request {
	uint32_t type, reserved;
	uint64_t sector;
};

_Static_assert(sizeof(struct request) == 16, "virtio 5.2.6");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "fields of requests are little endian");

int disk_start(struct disk *disk, struct virtio_device *device)
{
	struct virtqueue *queues[] = { &disk->queue };
	uint8_t capacity[8];
	int r;

	disk->device = device;
	virtqueue_init(&disk->queue);
	r = virtio_start(device, 0, queues, 1);
	if (r < 0)
		return r;
	device->transport->read_config(device, 0, capacity, sizeof(capacity));
	disk->sectors = le64(capacity);
	return 0;
}

static int wait(struct disk *disk)
{
	uint32_t written;
	int r;

	while ((r = virtqueue_take(&disk->queue, &written)) == -ENOENT && !virtio_is_broken(disk->device))
		disk->device->transport->relax(disk->device);
	return r < 0 ? -EPROTO : 0;
}

static int transfer(struct disk *disk, uint32_t type, uint64_t sector, void *buffer, uint32_t count)
{
	struct request request = { .type = type, .sector = sector };
	volatile uint8_t status = 0xff;
	const struct virtqueue_part parts[] = {
		{ &request, sizeof(request), false },
		{ buffer, count * DISK_SECTOR, type == REQUEST_READ },
		{ (void *)&status, 1, true },
	};
	int r;

	if (count == 0 || count > UINT32_MAX / DISK_SECTOR || sector > disk->sectors || count > disk->sectors - sector)
		return -ERANGE;
	if (virtqueue_add_chain(&disk->queue, parts, 3) < 0)
		return -EPROTO;
	disk->device->transport->notify(disk->device, 0, &disk->queue);
	r = wait(disk);
	/* The request and the status are on this stack: a device that may still write there is stopped first. */
	if (r < 0)
		disk_stop(disk);
	return r < 0 ? r : status == STATUS_OK ? 0 : -EIO;
}

int disk_read(struct disk *disk, uint64_t sector, void *buffer, uint32_t count)
{
	return transfer(disk, REQUEST_READ, sector, buffer, count);
}

int disk_write(struct disk *disk, uint64_t sector, const void *buffer, uint32_t count)
{
	return transfer(disk, REQUEST_WRITE, sector, (void *)buffer, count);
}

void disk_stop(struct disk *disk)
{
	disk->device->transport->set_status(disk->device, 0);
	disk->sectors = 0; /* every request is refused */
}
