/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connections to guests that are being made: the manager does not stand still while a guest takes its time.
 */
#ifndef VIRTMGR_VSOCK_CONNECTS_H
#define VIRTMGR_VSOCK_CONNECTS_H

#include <stdbool.h>
#include <stdint.h>

#include "virtmgr/event_loop.h"
#include "virtmgr/refusal.h"

enum { VSOCK_MAX_CONNECTS = 16 };

struct vsock_connects;

struct vsock_connect {
	struct event_source source; /* its descriptor is -1 when the slot is free */
	struct vsock_connects *all;
	uint32_t request;
};

struct vsock_connects {
	int loop;
	/* The connection of REQUEST, a stream which becomes the callee's; or a negative errno. */
	void (*done)(uint32_t request, int result, void *data);
	void *data;
	struct vsock_connect slots[VSOCK_MAX_CONNECTS];
};

void vsock_connects_init(struct vsock_connects *connects, int loop,
			 void (*done)(uint32_t request, int result, void *data), void *data);

/* Android's rule: ports from 1024 on are for everyone, 2..=20 are those of Trusty. */
bool vsock_port_is_allowed(uint32_t port);

/*
 * Begins to connect to PORT of the guest CID; done is called once, from the event loop.  The kernel times out after 2 s
 * (VSOCK_DEFAULT_CONNECT_TIMEOUT).  0, or a negative errno with REFUSAL filled, and done is not called.
 */
int vsock_connects_begin(struct vsock_connects *connects, uint32_t cid, uint32_t port, uint32_t request,
			 struct refusal *refusal);

/* The same with a socket that is being connected already; FD passes on.  For tests. */
int vsock_connects_adopt(struct vsock_connects *connects, int fd, uint32_t request, struct refusal *refusal);

/* Gives all up, without done. */
void vsock_connects_close(struct vsock_connects *connects);

#endif
