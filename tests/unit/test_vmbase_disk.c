/* SPDX-License-Identifier: Apache-2.0 */
/* vmbase's driver for disks, with a model of the device. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "vmbase/disk.h"

enum { SECTORS = 8 };

static struct virtio_device device;
static struct disk disk;
static uint8_t content[SECTORS * DISK_SECTOR], device_status;
static uint8_t answer;      /* the status of requests */
static uint32_t extra;      /* how much more the device claims to have written than it has */
static bool broken, silent; /* it needs a reset; it never answers, and needs one */

static uint64_t features(struct virtio_device *of)
{
	(void)of;
	return VIRTIO_F_VERSION_1;
}

static void set_features(struct virtio_device *of, uint64_t value)
{
	(void)of;
	cr_expect_eq(value, VIRTIO_F_VERSION_1);
}

static uint8_t status(struct virtio_device *of)
{
	(void)of;
	return device_status | (broken ? 64 : 0);
}

static void set_status(struct virtio_device *of, uint8_t value)
{
	(void)of;
	device_status = value;
}

static int enable_queue(struct virtio_device *of, unsigned index, struct virtqueue *vq)
{
	(void)of;
	cr_assert_eq(index, 0);
	return virtqueue_set_size(vq, 4) < 0;
}

/* One request: header, data, status, in as many descriptors. */
static void notify(struct virtio_device *of, unsigned index, struct virtqueue *vq)
{
	struct virtqueue_descriptor *d = vq->descriptors, *header, *data, *end;
	uint16_t id = vq->available.ring[(uint16_t)(vq->available.index - 1) % vq->size];
	const struct {
		uint32_t type, reserved;
		uint64_t sector;
	} *request;

	(void)of;
	cr_assert_eq(index, 0);
	header = &d[id], data = &d[header->next], end = &d[data->next];
	request = (const void *)(uintptr_t)header->address;
	cr_assert_eq(header->size, 16);
	cr_assert_eq(header->flags, VIRTQUEUE_NEXT);
	cr_assert_eq(data->flags, VIRTQUEUE_NEXT | (request->type ? 0 : VIRTQUEUE_DEVICE_WRITES));
	cr_assert_eq(end->flags, VIRTQUEUE_DEVICE_WRITES);
	cr_assert_eq(end->size, 1);
	cr_assert(request->sector * DISK_SECTOR + data->size <= sizeof(content));
	if (silent) {
		broken = true;
		return;
	}
	if (request->type)
		memcpy(content + request->sector * DISK_SECTOR, (const void *)(uintptr_t)data->address, data->size);
	else
		memcpy((void *)(uintptr_t)data->address, content + request->sector * DISK_SECTOR, data->size);
	*(uint8_t *)(uintptr_t)end->address = answer;
	vq->used.ring[vq->used.index % vq->size].id = id;
	vq->used.ring[vq->used.index % vq->size].size = (request->type ? 0 : data->size) + 1 + extra;
	vq->used.index++;
}

static void read_config(struct virtio_device *of, unsigned offset, void *to, unsigned size)
{
	const uint8_t capacity[8] = { SECTORS };

	(void)of;
	memcpy(to, capacity + offset, size);
}

static void relax(struct virtio_device *of)
{
	(void)of;
}

static void begin(void)
{
	static const struct virtio_transport transport = {
		.features = features,
		.set_features = set_features,
		.status = status,
		.set_status = set_status,
		.enable_queue = enable_queue,
		.notify = notify,
		.read_config = read_config,
		.relax = relax,
	};

	device.transport = &transport;
	cr_assert_eq(disk_start(&disk, &device), 0);
	cr_assert_eq(disk.sectors, SECTORS);
}

#define CASE(name) Test(vmbase_disk, name, .init = begin, .timeout = 60)

CASE(what_is_written_is_read)
{
	char out[2 * DISK_SECTOR], in[2 * DISK_SECTOR];

	memset(out, 'o', sizeof(out));
	for (uint64_t i = 0; i < 100; i++) {
		out[5] = (char)i;
		cr_assert_eq(disk_write(&disk, i % 7, out, 2), 0);
		cr_assert_eq(disk_read(&disk, i % 7, in, 2), 0);
		cr_assert_arr_eq(in, out, sizeof(out));
	}
}

CASE(what_is_not_on_the_disk_is_not_asked_for)
{
	char buffer[DISK_SECTOR] = "";

	cr_expect_eq(disk_read(&disk, SECTORS, buffer, 1), -ERANGE);
	cr_expect_eq(disk_read(&disk, 1, buffer, SECTORS), -ERANGE);
	cr_expect_eq(disk_read(&disk, UINT64_MAX, buffer, 2), -ERANGE);
	cr_expect_eq(disk_write(&disk, 0, buffer, 0), -ERANGE);
	cr_expect_eq(disk_read(&disk, 0, buffer, UINT32_MAX), -ERANGE);
	cr_expect_eq(disk_read(&disk, SECTORS - 1, buffer, 1), 0);
}

CASE(an_error_is_one_of_the_request_alone)
{
	char buffer[DISK_SECTOR] = "";

	answer = 1;
	cr_expect_eq(disk_write(&disk, 0, buffer, 1), -EIO);
	answer = 0;
	cr_expect_eq(disk_write(&disk, 0, buffer, 1), 0);
}

/* It could still write into the caller's memory: it is reset, and nothing is asked of it any more. */
CASE(a_device_that_misbehaves_is_stopped)
{
	char buffer[DISK_SECTOR] = "";

	extra = 1;
	cr_expect_eq(disk_read(&disk, 0, buffer, 1), -EPROTO);
	cr_expect_eq(device_status, 0);
	cr_expect_eq(disk_read(&disk, 0, buffer, 1), -ERANGE);
}

CASE(a_device_that_breaks_is_not_waited_for)
{
	char buffer[DISK_SECTOR] = "";

	silent = true;
	cr_expect_eq(disk_read(&disk, 0, buffer, 1), -EPROTO);
	cr_expect_eq(device_status, 0);
}
