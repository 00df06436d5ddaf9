// SPDX-License-Identifier: Apache-2.0
#include "vsock_receive.h"

#include "vmbase/error.h"
#include "vmbase/string.h"

enum { RECEIVE_QUEUE = 0, EVENT_QUEUE = 2 };

#define EVENT_TRANSPORT_RESET 0u /* virtio 5.10.6.7: the only event that is defined */

/*
 * The queue gives out the lowest free number, and buffers are added here one for one as they are taken, so buffer i
 * always has number i.
 */
void vsock_offer_buffers(struct vsock *vsock)
{
	for (unsigned i = 0; i < VIRTQUEUE_SIZE; i++) {
		virtqueue_add(&vsock->queues[RECEIVE_QUEUE], &vsock->received[i], sizeof(vsock->received[i]), true);
		virtqueue_add(&vsock->queues[EVENT_QUEUE], &vsock->events[i], sizeof(vsock->events[i]), true);
	}
	vsock->device->transport->notify(vsock->device, RECEIVE_QUEUE, &vsock->queues[RECEIVE_QUEUE]);
	vsock->device->transport->notify(vsock->device, EVENT_QUEUE, &vsock->queues[EVENT_QUEUE]);
}

static void pend(struct vsock_connection *connection, enum vsock_operation operation)
{
	connection->pending |= (uint16_t)(1u << operation);
}

/* A connection that was not accepted yet is freed; others stay until their users close them. */
static void end(struct vsock_connection *connection, int error)
{
	connection->state = connection->state == VSOCK_ACCEPTABLE ? VSOCK_FREE : VSOCK_RESETTED;
	connection->error = error;
	connection->pending = 0;
}

struct vsock_connection *vsock_new_connection(struct vsock *vsock)
{
	for (unsigned i = 0; i < VSOCK_CONNECTIONS; i++)
		if (vsock->connections[i].state == VSOCK_FREE)
			return &vsock->connections[i];
	return NULL;
}

static struct vsock_connection *find_connection(struct vsock *vsock, const struct vsock_header *header)
{
	for (unsigned i = 0; i < VSOCK_CONNECTIONS; i++) {
		struct vsock_connection *connection = &vsock->connections[i];

		if (connection->state != VSOCK_FREE && connection->peer_cid == header->source_cid &&
		    connection->peer_port == header->source_port && connection->local_port == header->target_port)
			return connection;
	}
	return NULL;
}

static void refuse(struct vsock *vsock, const struct vsock_header *header)
{
	/* Requests beyond the room for answers get none; the peer's own time-out ends them. */
	if (header->operation == VSOCK_RESET || vsock->refusal_count == VIRTQUEUE_SIZE)
		return;
	vsock->refusals[vsock->refusal_count++] = (struct vsock_refusal){
		.peer_cid = header->source_cid,
		.local_port = header->target_port,
		.peer_port = header->source_port,
	};
}

static bool is_listening(const struct vsock *vsock, uint32_t port)
{
	for (unsigned i = 0; i < VSOCK_LISTENERS; i++)
		if (port && vsock->listeners[i] == port)
			return true;
	return false;
}

static void take_credit(struct vsock_connection *connection, const struct vsock_header *header)
{
	connection->peer_buffer_size = header->buffer_size;
	connection->peer_forwarded = header->forwarded;
}

static void take_request(struct vsock *vsock, const struct vsock_header *header)
{
	struct vsock_connection *connection = vsock_new_connection(vsock);

	if (!connection || !is_listening(vsock, header->target_port)) {
		refuse(vsock, header);
		return;
	}
	*connection = (struct vsock_connection){
		.state = VSOCK_ACCEPTABLE,
		.peer_cid = header->source_cid,
		.local_port = header->target_port,
		.peer_port = header->source_port,
	};
	take_credit(connection, header);
	pend(connection, VSOCK_RESPONSE);
}

/* A peer that sends more than its credit violates the protocol: the connection is reset. */
static void take_data(struct vsock_connection *connection, const struct vsock_packet *packet)
{
	uint32_t size = packet->header.size;

	if (size > VSOCK_RECEIVE_SIZE - (connection->received - connection->taken)) {
		end(connection, -ECONNRESET);
		pend(connection, VSOCK_RESET);
		return;
	}
	for (uint32_t i = 0; i < size; i++)
		connection->buffer[connection->received++ % VSOCK_RECEIVE_SIZE] = packet->data[i];
}

/* Both sides may shut down at once; each then waits for a reset. */
static void take_shutdown(struct vsock_connection *connection, uint32_t flags)
{
	connection->peer_shutdown |= flags & VSOCK_NO_MORE;
	if (connection->state == VSOCK_CLOSING && connection->peer_shutdown == VSOCK_NO_MORE) {
		end(connection, -ECONNRESET);
		pend(connection, VSOCK_RESET);
	}
}

static void take_for_connection(struct vsock_connection *connection, const struct vsock_packet *packet)
{
	take_credit(connection, &packet->header);
	switch (packet->header.operation) {
	case VSOCK_RESPONSE:
		if (connection->state == VSOCK_CONNECTING)
			connection->state = VSOCK_CONNECTED;
		break;
	case VSOCK_RESET:
		end(connection, connection->state == VSOCK_CONNECTING ? -ECONNREFUSED : -ECONNRESET);
		break;
	case VSOCK_SHUTDOWN:
		take_shutdown(connection, packet->header.flags);
		break;
	case VSOCK_DATA:
		take_data(connection, packet);
		break;
	case VSOCK_CREDIT_REQUEST:
		pend(connection, VSOCK_CREDIT_UPDATE);
		break;
	}
}

/* SIZE: what the device wrote.  A packet that is not whole is dropped: its header can't be trusted for an answer. */
static void take_packet(struct vsock *vsock, const struct vsock_packet *packet, uint32_t size)
{
	const struct vsock_header *header = &packet->header;
	struct vsock_connection *connection;

	if (size < sizeof(*header) || header->size > size - sizeof(*header) || header->target_cid != vsock->cid)
		return;
	connection = find_connection(vsock, header);
	if (header->type != VSOCK_TYPE_STREAM)
		refuse(vsock, header);
	else if (connection && connection->state != VSOCK_RESETTED)
		take_for_connection(connection, packet);
	else if (!connection && header->operation == VSOCK_REQUEST)
		take_request(vsock, header);
	else
		refuse(vsock, header);
}

/* The guest was moved or its host's side restarted: no connection survives, and the CID may be another. */
static void transport_reset(struct vsock *vsock)
{
	for (unsigned i = 0; i < VSOCK_CONNECTIONS; i++)
		if (vsock->connections[i].state != VSOCK_FREE)
			end(&vsock->connections[i], -ECONNRESET);
	vsock->refusal_count = 0;
	vsock->device->transport->read_config(vsock->device, 0, &vsock->cid, sizeof(vsock->cid));
}

static int take_from(struct vsock *vsock, unsigned queue)
{
	struct virtqueue *vq = &vsock->queues[queue];
	bool given = false;
	uint32_t size;
	int id;

	while ((id = virtqueue_take(vq, &size)) >= 0) {
		if (queue == RECEIVE_QUEUE) {
			take_packet(vsock, &vsock->received[id], size);
			virtqueue_add(vq, &vsock->received[id], sizeof(vsock->received[id]), true);
		} else {
			if (size == sizeof(vsock->events[id]) && vsock->events[id] == EVENT_TRANSPORT_RESET)
				transport_reset(vsock);
			virtqueue_add(vq, &vsock->events[id], sizeof(vsock->events[id]), true);
		}
		given = true;
	}
	if (given)
		vsock->device->transport->notify(vsock->device, queue, vq);
	return id == -ENOENT ? 0 : -EIO;
}

int vsock_take_packets(struct vsock *vsock)
{
	int r = take_from(vsock, RECEIVE_QUEUE);

	if (r == 0)
		r = take_from(vsock, EVENT_QUEUE);
	return r;
}
