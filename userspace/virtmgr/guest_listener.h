/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host's vsock port to which one VM's guest reports, by early_vm/guest_protocol.h or by RPC binder (virtmgr/guest_binder.h):
 * the port is the VM's CID, as in Android's early_virtmgr.
 *
 * The port is bound when the VM is created, so that a VM whose guest could not report is not started; connections are
 * accepted while it runs, from its own CID only.  The guest is not trusted: it has a few connections with a buffer for
 * one message each, nothing waits for it, and a connection is closed if the guest does not read its replies or breaks
 * the protocol.
 */
#ifndef VIRTMGR_GUEST_LISTENER_H
#define VIRTMGR_GUEST_LISTENER_H

#include "virtmgr/accept_pause.h"
#include "virtmgr/event_loop.h"
#include "virtmgr/guest_binder.h"
#include "virtmgr/guest_decoder.h"
#include "virtmgr/refusal.h"

enum { GUEST_MAX_CONNECTIONS = 4, GUEST_MAX_COMPLAINTS = 10 };

struct guest_listener;

struct guest_connection {
	struct event_source source; /* its descriptor is the connection's, -1: free */
	struct guest_listener *listener;
	bool known; /* its first byte has come: it speaks early_vm/guest_protocol.h */
	struct guest_decoder decoder;
};

struct guest_listener {
	uint32_t cid;
	int loop;
	struct event_source source; /* its descriptor is the port's, -1: there is none */
	struct accept_pause pause;
	struct guest_connection connections[GUEST_MAX_CONNECTIONS];
	struct guest_binder *binder; /* NULL until a guest speaks RPC binder */
	guest_handler handle;        /* must not close the listener */
	void *data;
	uint32_t complaints,
		other_complaints; /* in the log: of what its guest did wrong here, and of connections from other CIDs */
};

/* Before anything else; LISTENER must stay where it is.  guest_listener_close is right from here on. */
void guest_listener_init(struct guest_listener *listener);

/*
 * Binds the port CID.  If this kernel has no vsock, no guest can connect either: that is a warning, and 0.  Otherwise
 * 0, or a negative errno with REFUSAL filled: another process has the port, or binding it is not allowed.
 */
int guest_listener_open(struct guest_listener *listener, uint32_t cid, struct refusal *refusal);

/* Whether the port was taken. */
bool guest_listener_is_open(const struct guest_listener *listener);

/* Takes connections from here on, in LOOP; HANDLE gets their messages.  0 or a negative errno. */
int guest_listener_start(struct guest_listener *listener, int loop, guest_handler handle, void *data);

/*
 * Takes over the connected stream socket FD, which does not block and whose peer has the CID PEER.  Serves it in the loop if that is
 * the VM's own CID; otherwise, and when there are GUEST_MAX_CONNECTIONS already, closes it.
 */
void guest_listener_take(struct guest_listener *listener, int fd, uint32_t peer);

/* Closes the port and all connections.  Harmless on a second call. */
void guest_listener_close(struct guest_listener *listener);

#endif
