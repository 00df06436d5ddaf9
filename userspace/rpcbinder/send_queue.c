/* SPDX-License-Identifier: Apache-2.0 */
#include "rpcbinder/send_queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common/byte_order.h"
#include "common/cleanup.h"
#include "common/log.h"
#include "common/message_fds.h"
#include "rpcbinder/wire.h"

struct rpc_send_entry {
	struct rpc_send_entry *next;
	size_t size, sent, fd_count;
	int fds[RPC_MAX_FDS]; /* closed when the first byte was sent */
	uint8_t bytes[];
};

bool rpc_send_queue_is_empty(const struct rpc_send_queue *queue)
{
	return !queue->first;
}

static void close_fds(struct rpc_send_entry *entry)
{
	for (size_t i = 0; i < entry->fd_count; i++)
		close_fd(entry->fds[i]);
	entry->fd_count = 0;
}

static void drop_first(struct rpc_send_queue *queue)
{
	struct rpc_send_entry *entry = queue->first;

	queue->first = entry->next;
	if (!queue->first)
		queue->last = NULL;
	queue->bytes -= sizeof(*entry) + entry->size;
	close_fds(entry);
	free(entry);
}

void rpc_send_queue_clear(struct rpc_send_queue *queue)
{
	while (queue->first)
		drop_first(queue);
}

static int new_entry(struct rpc_send_queue *queue, const void *head, size_t head_size, const void *body,
		     size_t body_size, const int *fds, size_t fd_count)
{
	size_t size = head_size + body_size;
	struct rpc_send_entry *entry;

	if (queue->bytes + sizeof(*entry) + size > RPC_MAX_QUEUE_BYTES)
		return -EOVERFLOW; /* which sendmsg(2) does not have */
	entry = malloc(sizeof(*entry) + size);
	if (!entry)
		return -ENOMEM;
	entry->next = NULL;
	entry->size = size;
	entry->sent = 0;
	entry->fd_count = fd_count;
	if (fd_count)
		memcpy(entry->fds, fds, fd_count * sizeof(*fds));
	memcpy(entry->bytes, head, head_size);
	if (body_size)
		memcpy(entry->bytes + head_size, body, body_size);
	if (queue->last)
		queue->last->next = entry;
	else
		queue->first = entry;
	queue->last = entry;
	queue->bytes += sizeof(*entry) + size;
	return 0;
}

int rpc_send_queue_add(struct rpc_send_queue *queue, int socket, const void *head, size_t head_size, const void *body,
		       size_t body_size, const int *fds, size_t fd_count)
{
	int r = new_entry(queue, head, head_size, body, body_size, fds, fd_count);

	if (r == 0)
		return rpc_send_queue_flush(queue, socket);
	for (size_t i = 0; i < fd_count; i++)
		close_fd(fds[i]);
	return r;
}

static ssize_t send_entry(struct rpc_send_entry *entry, int socket)
{
	MESSAGE_FDS_ROOM(RPC_MAX_FDS) control;
	struct iovec iov = { entry->bytes + entry->sent, entry->size - entry->sent };
	struct msghdr header = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t n;

	if (entry->fd_count) {
		header.msg_control = &control;
		message_fds_attach(&header, entry->fds, entry->fd_count);
	}
	do
		n = sendmsg(socket, &header, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

/*
 * A reply whose descriptors can't be sent, because other processes of this user have too many on their way, or for lack of memory, becomes
 * one without: its failure is not worth the session.  Nothing of it was sent, because descriptors go with the first byte.  A call can't say so.
 */
static bool drop_descriptors(struct rpc_send_queue *queue, ssize_t error)
{
	struct rpc_send_entry *entry = queue->first;
	size_t size = RPC_HEADER_BYTES + RPC_REPLY_BYTES;

	if (!entry->fd_count || get_le32(entry->bytes) != RPC_REPLY || !message_fds_may_fail_alone(error))
		return false;
	log_error("an RPC reply goes out as a failure, its descriptors can't be sent: %s", strerror((int)-error));
	close_fds(entry);
	memset(entry->bytes + 4, 0, size - 4);
	put_le32(entry->bytes + 4, RPC_REPLY_BYTES);
	put_le32(entry->bytes + RPC_HEADER_BYTES, (uint32_t)RPC_NO_MEMORY);
	queue->bytes -= entry->size - size;
	entry->size = size;
	return true;
}

int rpc_send_queue_flush(struct rpc_send_queue *queue, int socket)
{
	while (queue->first) {
		struct rpc_send_entry *entry = queue->first;
		ssize_t n = send_entry(entry, socket);

		if (n < 0 && drop_descriptors(queue, n))
			continue;
		if (n < 0)
			return n == -EAGAIN ? 0 : (int)n;
		close_fds(entry);
		entry->sent += (size_t)n;
		if (entry->sent == entry->size)
			drop_first(queue);
	}
	return 0;
}
