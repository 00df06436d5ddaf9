/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/outbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common/cleanup.h"
#include "common/transport.h"

/* One encoded message, in no more memory than it takes. */
struct outbox_entry {
	struct outbox_entry *next;
	int descriptor; /* -1: none.  A message to the client has at most one */
	size_t length;
	uint8_t bytes[];
};

void outbox_init(struct outbox *ret)
{
	*ret = (struct outbox){ .end = &ret->first };
}

bool outbox_is_empty(const struct outbox *outbox)
{
	return outbox->count == 0;
}

static void entry_free(struct outbox_entry *entry)
{
	close_fd(entry->descriptor);
	free(entry);
}

static int entry_new(const struct evm_packet *packet, struct outbox_entry **ret)
{
	struct outbox_entry *entry;

	if (packet->descriptor_count > 1)
		return -E2BIG;
	entry = malloc(sizeof(*entry) + packet->length);
	if (!entry)
		return -ENOMEM;
	*entry = (struct outbox_entry){ .descriptor = -1, .length = packet->length };
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

static int keep(struct outbox *outbox, const struct evm_packet *packet)
{
	struct outbox_entry *entry = NULL;
	int r = outbox->count < OUTBOX_MAX_MESSAGES ? entry_new(packet, &entry) : -ENOBUFS;

	if (r < 0)
		return r;
	*outbox->end = entry;
	outbox->end = &entry->next;
	outbox->count++;
	return 0;
}

int outbox_send(struct outbox *outbox, int socket, const struct evm_message *message)
{
	struct evm_packet packet;
	int r = evm_encode(message, &packet);

	if (r < 0)
		return r;
	r = outbox_is_empty(outbox) ? evm_send_packet(socket, &packet, MSG_DONTWAIT) : -EAGAIN;
	return r == -EAGAIN ? keep(outbox, &packet) : r;
}

static int send_entry(const struct outbox_entry *entry, int socket)
{
	struct evm_packet packet = { .length = entry->length, .descriptors = { entry->descriptor } };

	packet.descriptor_count = entry->descriptor >= 0;
	memcpy(packet.bytes, entry->bytes, entry->length);
	return evm_send_packet(socket, &packet, MSG_DONTWAIT);
}

static void drop_first(struct outbox *outbox)
{
	struct outbox_entry *entry = outbox->first;

	outbox->first = entry->next;
	if (!outbox->first)
		outbox->end = &outbox->first;
	outbox->count--;
	entry_free(entry);
}

int outbox_flush(struct outbox *outbox, int socket)
{
	while (outbox->first) {
		int r = send_entry(outbox->first, socket);

		if (r < 0)
			return r == -EAGAIN ? 0 : r;
		drop_first(outbox);
	}
	return 0;
}

void outbox_clear(struct outbox *outbox)
{
	while (outbox->first)
		drop_first(outbox);
}
