/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A queue of messages for which the client's socket has no room yet.
 *
 * The manager never waits for a client that does not read: messages are queued here, and no further request is read
 * until the queue is empty.  So its length is bounded by unsolicited messages, four for each VM in its life, and the
 * answers to pending requests.
 */
#ifndef VIRTMGR_SEND_QUEUE_H
#define VIRTMGR_SEND_QUEUE_H

#include <stdbool.h>

#include "early_vm/protocol.h"

enum { SEND_QUEUE_MAX_MESSAGES = 5 * EVM_MAX_VMS };

struct send_queue {
	struct send_queue_entry *first, **end;
	unsigned int count;
};

void send_queue_init(struct send_queue *ret);

/*
 * Sends MESSAGE on SOCKET after the queued ones, or queues it.  Its descriptors stay the caller's; the queue has
 * duplicates.  An answer whose descriptor can't be passed on is replaced by one that says so (EVM_STATUS_INTERNAL), after a message.
 * 0, or a negative errno: those of sendmsg(2), -ENOMEM, -ENOBUFS when there are SEND_QUEUE_MAX_MESSAGES.
 */
int send_queue_send(struct send_queue *queue, int socket, const struct evm_message *message);

/* Sends what SOCKET takes now; descriptors as above.  0 or a negative errno of sendmsg(2), but for -EAGAIN. */
int send_queue_flush(struct send_queue *queue, int socket);

bool send_queue_is_empty(const struct send_queue *queue);

/* Drops all messages. */
void send_queue_clear(struct send_queue *queue);

#endif
