/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Holds a VM, so that it outlives its client.  While it is held, root and the user of the manager may ask the manager
 * on a socket in the VM's directory to release it: there is no client any more that could.
 */
#ifndef VIRTMGR_HOLD_H
#define VIRTMGR_HOLD_H

#include <stdbool.h>
#include <stdint.h>

#include "virtmgr/accept_pause.h"
#include "virtmgr/event_loop.h"

enum { HOLD_MAX_PEERS = 4 };

struct hold;

/* A connection to the socket of a held VM. */
struct hold_peer {
	struct event_source source; /* its descriptor is -1 when the place is free */
	struct hold *hold;
};

struct hold {
	int loop;
	uint32_t cid;
	struct event_source listener; /* its descriptor is -1 when the VM is not held */
	struct accept_pause pause;
	int spare; /* closed for a moment to accept and close a connection when there is no other descriptor left */
	struct hold_peer peers[HOLD_MAX_PEERS];
	void (*ended)(void *data); /* called when a peer has released the VM */
	void *data;
};

/* Before anything else; HOLD must stay where it is. */
void hold_init(struct hold *hold, int loop, void (*ended)(void *data), void *data);

/* Begins to hold the VM with this CID and DIRECTORY; harmless when it is held already.  0 or a negative errno. */
int hold_begin(struct hold *hold, uint32_t cid, int directory);

bool hold_is_on(const struct hold *hold);

/* Ends it, without `ended'.  Harmless when the VM is not held. */
void hold_end(struct hold *hold, int directory);

#endif
