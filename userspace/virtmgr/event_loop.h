/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One thread that waits for many descriptors (epoll), one event at a time: so a handler may remove and free any source,
 * its own too.
 */
#ifndef VIRTMGR_EVENT_LOOP_H
#define VIRTMGR_EVENT_LOOP_H

#include <stdint.h>

struct event_source {
	int fd; /* the owner's; the loop closes nothing */
	void (*ready)(struct event_source *source, uint32_t events);
	void *owner;
};

/* Returns a descriptor that the caller closes, or a negative errno. */
int event_loop_open(void);

/* SOURCE must stay where it is until it is removed.  EVENTS as for epoll_ctl(2).  0 or a negative errno. */
int event_loop_add(int loop, struct event_source *source, uint32_t events);

/* Waits for EVENTS from here on.  0 or a negative errno. */
int event_loop_change(int loop, struct event_source *source, uint32_t events);

/* Before the descriptor is closed.  Harmless for a source with a negative descriptor, or one that was never added. */
void event_loop_remove(int loop, const struct event_source *source);

/* Waits for one event and calls its handler.  0 or a negative errno. */
int event_loop_turn(int loop);

#endif
