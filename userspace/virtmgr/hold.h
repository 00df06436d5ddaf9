/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What makes a VM outlive its client: while it is held, there is a socket in its directory on which others, root and the
 * manager's own user, may ask its manager not to hold it any more.  Where else could they, when the client is gone?
 */
#ifndef VIRTMGR_HOLD_H
#define VIRTMGR_HOLD_H

#include <stdbool.h>
#include <stdint.h>

#include "virtmgr/event_loop.h"

enum { HOLD_MAX_VISITORS = 4 };

struct hold;

/* Someone who has come to ask. */
struct visitor {
	struct event_source source; /* its descriptor is -1 when the place is free */
	struct hold *hold;
};

struct hold {
	int loop;
	uint32_t cid;
	struct event_source listener; /* its descriptor is -1 when the VM is not held */
	int spare; /* a descriptor to give up for a moment, so that a visitor can be turned away when there is no other left */
	struct visitor visitors[HOLD_MAX_VISITORS];
	void (*ended)(void *data); /* a visitor has asked; the VM is not held any more */
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
