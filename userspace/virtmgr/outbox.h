/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the client is to be told and its socket does not take yet.
 *
 * Nothing waits for a client that does not read: messages are kept here, and the owner asks the client for nothing more
 * until they are gone.  So their number is bounded by what comes unasked: four messages of each VM in its life, and the answers to
 * requests that were being dealt with.
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
 * Sends MESSAGE on SOCKET, behind those that wait already, or keeps it.  Its descriptors stay the caller's; a copy is kept.
 * 0, or a negative errno: those of sendmsg(2), -ENOMEM, -ENOBUFS when there are OUTBOX_MAX_MESSAGES, -EMFILE.
 */
int outbox_send(struct outbox *outbox, int socket, const struct evm_message *message);

/* Sends what SOCKET takes now.  0 or a negative errno of sendmsg(2), but for -EAGAIN. */
int outbox_flush(struct outbox *outbox, int socket);

bool outbox_is_empty(const struct outbox *outbox);

/* Forgets all. */
void outbox_clear(struct outbox *outbox);

#endif
