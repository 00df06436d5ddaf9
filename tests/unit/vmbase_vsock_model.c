/* SPDX-License-Identifier: Apache-2.0 */
#include "vmbase_vsock_model.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define WAITING_MAX 256

struct vsock_model model;

static struct vsock_packet waiting[WAITING_MAX]; /* for the guest */
static unsigned waiting_first, waiting_count;
static struct virtqueue *queues[VSOCK_QUEUES];
static uint16_t seen[VSOCK_QUEUES]; /* entries of each available ring that were taken */
static uint8_t status;
static bool transmitting;

static void give_back(struct virtqueue *vq, uint16_t id, uint32_t size)
{
	unsigned slot = vq->used.index % vq->size;

	vq->used.ring[slot].id = id;
	vq->used.ring[slot].size = size;
	vq->used.index++;
}

/* The next buffer that the driver offers; NULL when there is none. */
static void *next_buffer(unsigned queue, uint16_t *id, uint32_t *size)
{
	struct virtqueue *vq = queues[queue];

	if (seen[queue] == vq->available.index)
		return NULL;
	*id = vq->available.ring[seen[queue]++ % vq->size];
	*size = vq->descriptors[*id].size;
	return (void *)(uintptr_t)vq->descriptors[*id].address;
}

static void receive_all(void)
{
	uint16_t id;
	uint32_t size;
	void *buffer;

	while (waiting_count && (buffer = next_buffer(0, &id, &size))) {
		struct vsock_packet *packet = &waiting[waiting_first];
		uint32_t length = (uint32_t)sizeof(packet->header) + packet->header.size;

		cr_assert_leq(length, size);
		memcpy(buffer, packet, length);
		give_back(queues[0], id, model.write_size ? model.write_size : length);
		model.write_size = 0;
		waiting_first = (waiting_first + 1) % WAITING_MAX;
		waiting_count--;
		if (model.hold_transmit > 0)
			model.hold_transmit--;
	}
}

static void transmit_all(void)
{
	uint16_t id;
	uint32_t size;
	struct vsock_packet *packet;

	if (transmitting || model.hold_transmit > 0)
		return;
	transmitting = true;
	while ((packet = next_buffer(1, &id, &size))) {
		cr_assert_eq(size, sizeof(packet->header) + packet->header.size);
		cr_assert_eq(packet->header.source_cid, MODEL_CID);
		cr_assert_eq(packet->header.type, VSOCK_TYPE_STREAM);
		model.sent++;
		model.last = packet->header;
		if (model.host)
			model.host(packet);
		give_back(queues[1], id, 0);
	}
	transmitting = false;
}

static uint64_t features(struct virtio_device *device)
{
	(void)device;
	return model.features;
}

static void set_features(struct virtio_device *device, uint64_t value)
{
	(void)device;
	model.accepted_features = value;
}

static uint8_t get_status(struct virtio_device *device)
{
	(void)device;
	return status | model.broken;
}

static void set_status(struct virtio_device *device, uint8_t value)
{
	(void)device;
	status = value & (uint8_t)~model.refuse_status;
}

static int enable_queue(struct virtio_device *device, unsigned index, struct virtqueue *vq)
{
	int r = virtqueue_set_size(vq, model.queue_max);

	(void)device;
	queues[index] = vq;
	return r < 0 ? r : 0;
}

static void notify(struct virtio_device *device, unsigned index, struct virtqueue *vq)
{
	(void)device;
	cr_assert_eq(queues[index], vq);
	receive_all();
	transmit_all();
	receive_all();
}

static void read_config(struct virtio_device *device, unsigned offset, void *to, unsigned size)
{
	uint64_t cid = MODEL_CID;

	(void)device;
	cr_assert_eq(offset + size, 8u);
	memcpy(to, &cid, size);
}

static void relax(struct virtio_device *device)
{
	(void)device;
	if (!waiting_count && model.hold_transmit <= 0 && queues[0]->used.index == queues[0]->used_seen) {
		cr_assert(model.idle, "the driver waits, and nothing will come");
		model.idle();
	}
	receive_all();
	transmit_all();
	receive_all();
}

void model_init(void)
{
	static const struct virtio_transport transport = {
		.features = features,
		.set_features = set_features,
		.status = get_status,
		.set_status = set_status,
		.enable_queue = enable_queue,
		.notify = notify,
		.read_config = read_config,
		.relax = relax,
	};

	model = (struct vsock_model){ .device.transport = &transport,
				      .features = VIRTIO_F_VERSION_1,
				      .queue_max = 128 };
	waiting_first = waiting_count = 0;
	memset(seen, 0, sizeof(seen));
}

void model_deliver(struct vsock_header header, const void *data)
{
	struct vsock_packet *packet = &waiting[(waiting_first + waiting_count++) % WAITING_MAX];

	cr_assert_leq(waiting_count, WAITING_MAX);
	packet->header = header;
	if (data)
		memcpy(packet->data, data, header.size);
	receive_all();
}

struct vsock_header model_answer(const struct vsock_packet *packet, enum vsock_operation operation)
{
	return (struct vsock_header){
		.source_cid = packet->header.target_cid,
		.target_cid = packet->header.source_cid,
		.source_port = packet->header.target_port,
		.target_port = packet->header.source_port,
		.type = VSOCK_TYPE_STREAM,
		.operation = (uint16_t)operation,
		.buffer_size = 65536,
	};
}

void model_event(uint32_t event)
{
	uint16_t id = 0;
	uint32_t size = 0;
	void *buffer = next_buffer(2, &id, &size);

	cr_assert(buffer && size == sizeof(event));
	memcpy(buffer, &event, sizeof(event));
	give_back(queues[2], id, sizeof(event));
}
