/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A guest that reports by RPC binder: Android's IVirtualMachineService on the port where others speak
 * early_vm/guest_protocol.h.  Calls become the messages of that protocol.
 */
#ifndef VIRTMGR_GUEST_BINDER_H
#define VIRTMGR_GUEST_BINDER_H

#include <stdbool.h>

#include "virtmgr/guest_decoder.h"

struct guest_binder;

/* Handles a message whose header and text are valid, and returns the reply.  Must not close what it came through. */
typedef enum evm_guest_status (*guest_handler)(const struct guest_message *message, void *data);

/*
 * Whether a connection whose first byte is FIRST speaks RPC binder: it begins with a small version number, and the other protocol's
 * messages with a letter.
 */
bool guest_binder_is_spoken(uint8_t first);

/*
 * A session or connection has ended by an error: REASON says why, in static text, ERROR is the negative errno of a system call
 * that failed, or 0.  Neither a hang-up of the guest nor guest_binder_free is an error.
 */
typedef void (*guest_binder_failed)(const char *reason, int error, void *data);

/* Serves connections in LOOP; HANDLE gets what they report, FAILED their errors, both with DATA.  NULL: there is no memory. */
struct guest_binder *guest_binder_new(int loop, guest_handler handle, guest_binder_failed failed, void *data);

/*
 * Takes over FD, a connection of which nothing was read.  0 or a negative errno; -EBUSY: there are RPC_MAX_HANDSHAKES (rpcbinder/wire.h)
 * connections that do not belong to a session yet.
 */
int guest_binder_take(struct guest_binder *binder, int fd);

/* Closes all connections.  BINDER may be NULL. */
void guest_binder_free(struct guest_binder *binder);

#endif
