/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/send_queue.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "common/message_fds.h"
#include "common/transport.h"

/* One encoded message, in no more memory than it takes. */
struct send_queue_entry {
	struct send_queue_entry *next;
	int descriptor; /* -1: none.  A message to the client has at most one */
	size_t length;
	uint8_t bytes[];
};

void send_queue_init(struct send_queue *ret)
{
	*ret = (struct send_queue){ .end = &ret->first };
}

bool send_queue_is_empty(const struct send_queue *queue)
{
	return queue->count == 0;
}

static void entry_free(struct send_queue_entry *entry)
{
	close_fd(entry->descriptor);
	free(entry);
}

static int entry_new(const struct evm_packet *packet, struct send_queue_entry **ret)
{
	struct send_queue_entry *entry;

	if (packet->descriptor_count > 1)
		return -E2BIG;
	entry = malloc(sizeof(*entry) + packet->length);
	if (!entry)
		return -ENOMEM;
	*entry = (struct send_queue_entry){ .descriptor = -1, .length = packet->length };
	memcpy(entry->bytes, packet->bytes, packet->length);
	if (packet->descriptor_count)
		entry->descriptor = fcntl(packet->descriptors[0], F_DUPFD_CLOEXEC, 3);
	if (packet->descriptor_count && entry->descriptor < 0) {
		int error = errno;

		entry_free(entry);
		return -error;
	}
	*ret = entry;
	return 0;
}

static int keep(struct send_queue *queue, const struct evm_packet *packet)
{
	struct send_queue_entry *entry = NULL;
	int r = queue->count < SEND_QUEUE_MAX_MESSAGES ? entry_new(packet, &entry) : -ENOBUFS;

	if (r < 0)
		return r;
	*queue->end = entry;
	queue->end = &entry->next;
	queue->count++;
	return 0;
}

static int send_or_keep(struct send_queue *queue, int socket, const struct evm_packet *packet)
{
	int r = send_queue_is_empty(queue) ? evm_send_packet(socket, packet, MSG_DONTWAIT) : -EAGAIN;

	return r == -EAGAIN ? keep(queue, packet) : r;
}

/* The answer to REQUEST that has no descriptor.  It is not worth the connection, with which all VMs of the client would end. */
static int encode_refusal(uint32_t request, int error, struct evm_packet *ret)
{
	struct evm_message answer;

	evm_message_init(&answer, EVM_ANSWER, request);
	answer.status = EVM_STATUS_INTERNAL;
	snprintf(answer.text, sizeof(answer.text), "the descriptor can't be passed to the client: %s",
		 strerror(-error));
	log_error("request %u: %s", request, answer.text);
	return evm_encode(&answer, ret);
}

int send_queue_send(struct send_queue *queue, int socket, const struct evm_message *message)
{
	struct evm_packet packet;
	int r = evm_encode(message, &packet);

	if (r < 0)
		return r;
	r = send_or_keep(queue, socket, &packet);
	if (!packet.descriptor_count || !message_fds_may_fail_alone(r))
		return r;
	r = encode_refusal(message->request, r, &packet);
	return r < 0 ? r : send_or_keep(queue, socket, &packet);
}

static int send_entry(const struct send_queue_entry *entry, int socket)
{
	struct evm_packet packet = { .length = entry->length, .descriptors = { entry->descriptor } };

	packet.descriptor_count = entry->descriptor >= 0;
	memcpy(packet.bytes, entry->bytes, entry->length);
	return evm_send_packet(socket, &packet, MSG_DONTWAIT);
}

static void drop_first(struct send_queue *queue)
{
	struct send_queue_entry *entry = queue->first;

	queue->first = entry->next;
	if (!queue->first)
		queue->end = &queue->first;
	queue->count--;
	entry_free(entry);
}

/* The same in place of the first message, which has a descriptor. */
static int refuse_first(struct send_queue *queue, int error)
{
	struct send_queue_entry *first = queue->first, *refusal = NULL;
	struct evm_packet packet = { .length = first->length };
	struct evm_message header;
	const char *problem;
	int r;

	memcpy(packet.bytes, first->bytes, first->length);
	r = evm_decode_header(&packet, &header, &problem);
	if (r == 0)
		r = encode_refusal(header.request, error, &packet);
	if (r == 0)
		r = entry_new(&packet, &refusal);
	if (r < 0 || !refusal)
		return r;
	refusal->next = first->next;
	queue->first = refusal;
	if (!refusal->next)
		queue->end = &refusal->next;
	entry_free(first);
	return 0;
}

int send_queue_flush(struct send_queue *queue, int socket)
{
	while (queue->first) {
		int r = send_entry(queue->first, socket);

		if (r == 0)
			drop_first(queue);
		else if (r == -EAGAIN)
			return 0;
		else if (queue->first->descriptor >= 0 && message_fds_may_fail_alone(r))
			r = refuse_first(queue, r);
		if (r < 0)
			return r;
	}
	return 0;
}

void send_queue_clear(struct send_queue *queue)
{
	while (queue->first)
		drop_first(queue);
}
