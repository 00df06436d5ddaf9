/* SPDX-License-Identifier: Apache-2.0 */
/* What a socket does not take yet: bytes, and the descriptors that travel with the first of them.  Not thread-safe. */
#ifndef RPCBINDER_SEND_QUEUE_H
#define RPCBINDER_SEND_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rpc_send_queue {
	struct rpc_send_entry *first, *last;
	size_t bytes; /* of all entries, in memory */
};

/*
 * Sends HEAD and then BODY on SOCKET behind what waits already, or keeps what it does not take.  FDS are duplicated to
 * the peer with the first byte; they are taken over, in any case.  A reply whose descriptors can't be passed on
 * goes out as RPC_NO_MEMORY, after a message.
 * 0; -EOVERFLOW: RPC_MAX_QUEUE_BYTES are waiting; -ENOMEM; those of sendmsg(2).
 */
int rpc_send_queue_add(struct rpc_send_queue *queue, int socket, const void *head, size_t head_size, const void *body,
		       size_t body_size, const int *fds, size_t fd_count);

/* Sends what SOCKET takes now; descriptors as above.  0 or a negative errno of sendmsg(2), but for -EAGAIN. */
int rpc_send_queue_flush(struct rpc_send_queue *queue, int socket);

bool rpc_send_queue_is_empty(const struct rpc_send_queue *queue);

void rpc_send_queue_clear(struct rpc_send_queue *queue);

#endif
