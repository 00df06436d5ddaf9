/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A queue of messages for which the client's socket has no room yet.
 *
 * The manager never waits for a client that does not read: messages are queued here, and no further request is read
 * until the queue is empty.  So its length is bounded by unsolicited messages, four for each VM in its life, and the
 * answers to pending requests.
 */
#ifndef VIRTMGR_OUTBOX_H
#define VIRTMGR_OUTBOX_H

#include <stdbool.h>

#include "early_vm/protocol.h"

enum { OUTBOX_MAX_MESSAGES = 5 * EVM_MAX_VMS };

struct outbox {
	struct outbox_entry *first, **end;
	unsigned int count;
};

void outbox_init(struct outbox *ret);

/*
 * Sends MESSAGE on SOCKET after the queued ones, or queues it.  Its descriptors stay the caller's; the queue has
 * duplicates.  0, or a negative errno: those of sendmsg(2), -ENOMEM, -ENOBUFS when there are OUTBOX_MAX_MESSAGES,
 * -EMFILE.
 */
int outbox_send(struct outbox *outbox, int socket, const struct evm_message *message);

/* Sends what SOCKET takes now.  0 or a negative errno of sendmsg(2), but for -EAGAIN. */
int outbox_flush(struct outbox *outbox, int socket);

bool outbox_is_empty(const struct outbox *outbox);

/* Drops all messages. */
void outbox_clear(struct outbox *outbox);

#endif
