// SPDX-License-Identifier: Apache-2.0
#include "vmbase/vsock.h"

#include "vmbase/error.h"
#include "vmbase/string.h"

#include "vsock_receive.h"

#define TRANSMIT_QUEUE 1
#define FIRST_PORT     0x10000u /* of our end of connections that we make: above what guests listen on */

/* One packet, and waits until the device has taken it; what arrives meanwhile is received. */
static int transmit(struct vsock *vsock, const struct vsock_header *header, const void *data)
{
	struct virtqueue *vq = &vsock->queues[TRANSMIT_QUEUE];
	uint32_t unused;
	int r;

	vsock->transmitted.header = *header;
	if (header->size)
		memcpy(vsock->transmitted.data, data, header->size);
	r = virtqueue_add(vq, &vsock->transmitted, (uint32_t)sizeof(*header) + header->size, false);
	if (r < 0)
		return -EIO;
	vsock->device->transport->notify(vsock->device, TRANSMIT_QUEUE, vq);
	while ((r = virtqueue_take(vq, &unused)) == -ENOENT) {
		/* A device that can't deliver its answers may stop taking packets, so the receive queue is served meanwhile. */
		if (vsock_take_packets(vsock) < 0 || virtio_is_broken(vsock->device))
			return -EIO;
		vsock->device->transport->relax(vsock->device);
	}
	return r < 0 ? -EIO : 0;
}

/* Every packet of a connection carries our credit. */
static int send_packet(struct vsock *vsock, struct vsock_connection *connection, enum vsock_operation operation,
		       uint32_t flags, const void *data, uint32_t size)
{
	struct vsock_header header = {
		.source_cid = vsock->cid,
		.target_cid = connection->peer_cid,
		.source_port = connection->local_port,
		.target_port = connection->peer_port,
		.type = VSOCK_TYPE_STREAM,
		.operation = (uint16_t)operation,
		.flags = flags,
		.size = size,
		.buffer_size = VSOCK_RECEIVE_SIZE,
		.forwarded = connection->taken,
	};

	connection->advertised_taken = connection->taken;
	connection->sent += size;
	return transmit(vsock, &header, data);
}

static int send_refusals(struct vsock *vsock)
{
	int r = 0;

	while (r == 0 && vsock->refusal_count) {
		const struct vsock_refusal *refusal = &vsock->refusals[--vsock->refusal_count];
		const struct vsock_header header = {
			.source_cid = vsock->cid,
			.target_cid = refusal->peer_cid,
			.source_port = refusal->local_port,
			.target_port = refusal->peer_port,
			.type = VSOCK_TYPE_STREAM,
			.operation = VSOCK_RESET,
		};

		r = transmit(vsock, &header, NULL);
	}
	return r;
}

static int send_pending(struct vsock *vsock, struct vsock_connection *connection)
{
	static const enum vsock_operation operations[] = { VSOCK_RESPONSE, VSOCK_CREDIT_UPDATE, VSOCK_RESET };
	int r = 0;

	for (unsigned i = 0; r == 0 && i < sizeof(operations) / sizeof(operations[0]); i++) {
		uint16_t bit = (uint16_t)(1u << operations[i]);

		if (connection->state == VSOCK_FREE || !(connection->pending & bit))
			continue;
		connection->pending &= (uint16_t)~bit;
		r = send_packet(vsock, connection, operations[i], 0, NULL, 0);
	}
	return r;
}

/* Receives what there is and sends the answers that this calls for. */
static int serve(struct vsock *vsock)
{
	int r = vsock_take_packets(vsock);

	for (unsigned i = 0; r == 0 && i < VSOCK_CONNECTIONS; i++)
		r = send_pending(vsock, &vsock->connections[i]);
	if (r == 0)
		r = send_refusals(vsock);
	if (r == 0 && virtio_is_broken(vsock->device))
		r = -EIO;
	return r;
}

static int wait(struct vsock *vsock)
{
	vsock->device->transport->relax(vsock->device);
	return serve(vsock);
}

int vsock_start(struct vsock *vsock, struct virtio_device *device)
{
	struct virtqueue *queues[VSOCK_QUEUES];
	int r;

	memset(vsock, 0, sizeof(*vsock));
	vsock->device = device;
	vsock->next_port = FIRST_PORT;
	for (unsigned i = 0; i < VSOCK_QUEUES; i++) {
		queues[i] = &vsock->queues[i];
		virtqueue_init(queues[i]);
	}
	r = virtio_start(device, 0, queues, VSOCK_QUEUES);
	if (r < 0)
		return r;
	device->transport->read_config(device, 0, &vsock->cid, sizeof(vsock->cid));
	vsock_offer_buffers(vsock);
	return 0;
}

uint64_t vsock_cid(const struct vsock *vsock)
{
	return vsock->cid;
}

int vsock_connect(struct vsock *vsock, uint64_t cid, uint32_t port, struct vsock_connection **ret)
{
	struct vsock_connection *connection = vsock_new_connection(vsock);
	int r;

	if (!connection)
		return -ENOMEM;
	*connection = (struct vsock_connection){
		.state = VSOCK_CONNECTING,
		.peer_cid = cid,
		.peer_port = port,
		.local_port = vsock->next_port++,
	};
	r = send_packet(vsock, connection, VSOCK_REQUEST, 0, NULL, 0);
	while (r == 0 && connection->state == VSOCK_CONNECTING)
		r = wait(vsock);
	if (r == 0 && connection->state == VSOCK_RESETTED)
		r = connection->error;
	if (r < 0) {
		connection->state = VSOCK_FREE;
		return r;
	}
	*ret = connection;
	return 0;
}

/* The place of PORT in the list, or with PORT 0 a free one; NULL when there is none. */
static uint32_t *find_listener(struct vsock *vsock, uint32_t port)
{
	for (unsigned i = 0; i < VSOCK_LISTENERS; i++)
		if (vsock->listeners[i] == port)
			return &vsock->listeners[i];
	return NULL;
}

int vsock_listen(struct vsock *vsock, uint32_t port)
{
	uint32_t *place = find_listener(vsock, 0);

	if (!port)
		return -EINVAL;
	if (find_listener(vsock, port))
		return -EEXIST;
	if (!place)
		return -ENOMEM;
	*place = port;
	return 0;
}

static struct vsock_connection *find_acceptable(struct vsock *vsock, uint32_t port)
{
	for (unsigned i = 0; i < VSOCK_CONNECTIONS; i++) {
		struct vsock_connection *connection = &vsock->connections[i];

		if (connection->state == VSOCK_ACCEPTABLE && connection->local_port == port)
			return connection;
	}
	return NULL;
}

int vsock_accept(struct vsock *vsock, uint32_t port, struct vsock_connection **ret)
{
	struct vsock_connection *connection;
	int r = port && find_listener(vsock, port) ? serve(vsock) : -ENOTCONN;

	while (r == 0 && !(connection = find_acceptable(vsock, port)))
		r = wait(vsock);
	if (r < 0)
		return r;
	connection->state = VSOCK_CONNECTED;
	*ret = connection;
	return 0;
}

static uint32_t credit(const struct vsock_connection *connection)
{
	uint32_t in_flight = connection->sent - connection->peer_forwarded;

	return connection->peer_buffer_size > in_flight ? connection->peer_buffer_size - in_flight : 0;
}

/* Waits until the peer has room; the size of the next packet, or an error. */
static int next_size(struct vsock *vsock, struct vsock_connection *connection, size_t size)
{
	uint32_t room;
	int r = serve(vsock);

	while (r == 0) {
		if (connection->state == VSOCK_RESETTED)
			return connection->error;
		if (connection->peer_shutdown & VSOCK_NO_MORE_RECEIVE)
			return -EPIPE;
		room = credit(connection);
		if (room) {
			room = room < VSOCK_PACKET_DATA ? room : VSOCK_PACKET_DATA;
			return (int)(size < room ? size : room);
		}
		r = wait(vsock);
	}
	return r;
}

int vsock_send(struct vsock *vsock, struct vsock_connection *connection, const void *data, size_t size)
{
	const uint8_t *at = data;

	while (size) {
		int piece = next_size(vsock, connection, size), r;

		if (piece < 0)
			return piece;
		r = send_packet(vsock, connection, VSOCK_DATA, 0, at, (uint32_t)piece);
		if (r < 0)
			return r;
		at += piece;
		size -= (size_t)piece;
	}
	return 0;
}

static uint32_t take_data(struct vsock_connection *connection, uint8_t *to, uint32_t size)
{
	uint32_t count = connection->received - connection->taken;

	if (count > size)
		count = size;
	for (uint32_t i = 0; i < count; i++)
		to[i] = connection->buffer[connection->taken++ % VSOCK_RECEIVE_SIZE];
	return count;
}

int vsock_receive(struct vsock *vsock, struct vsock_connection *connection, void *buffer, uint32_t size)
{
	int r = serve(vsock);

	while (r == 0) {
		uint32_t count = take_data(connection, buffer, size < INT32_MAX ? size : INT32_MAX);

		/* Credit is updated in large steps, or each byte that is read would cost a packet. */
		if (count && connection->state == VSOCK_CONNECTED &&
		    connection->taken - connection->advertised_taken >= VSOCK_RECEIVE_SIZE / 2)
			r = send_packet(vsock, connection, VSOCK_CREDIT_UPDATE, 0, NULL, 0);
		if (count || !size)
			return r < 0 ? r : (int)count;
		if (connection->peer_shutdown & VSOCK_NO_MORE_SEND)
			return 0;
		if (connection->state == VSOCK_RESETTED)
			return connection->error;
		r = wait(vsock);
	}
	return r;
}

int vsock_receive_all(struct vsock *vsock, struct vsock_connection *connection, void *buffer, uint32_t size)
{
	uint32_t done = 0;

	while (done < size) {
		int r = vsock_receive(vsock, connection, (uint8_t *)buffer + done, size - done);

		if (r <= 0)
			return r < 0 ? r : -EPIPE;
		done += (uint32_t)r;
	}
	return 0;
}

/*
 * The peer answers a shutdown of both directions with a reset once its user has read all data before it.  The guest waits for
 * that answer: if it powered off earlier, data in flight would be lost.  A peer that has shut down both directions itself waits
 * for our reset and ignores everything else.
 */
void vsock_close(struct vsock *vsock, struct vsock_connection *connection)
{
	int r = 0;

	if (connection->state == VSOCK_CONNECTED && connection->peer_shutdown == VSOCK_NO_MORE) {
		send_packet(vsock, connection, VSOCK_RESET, 0, NULL, 0);
	} else if (connection->state == VSOCK_CONNECTED) {
		connection->state = VSOCK_CLOSING;
		r = send_packet(vsock, connection, VSOCK_SHUTDOWN, VSOCK_NO_MORE, NULL, 0);
	}
	while (r == 0 && connection->state == VSOCK_CLOSING)
		r = wait(vsock);
	connection->state = VSOCK_FREE;
}
