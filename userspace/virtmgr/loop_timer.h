/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A time by which something must have happened: a timer in the event loop.
 */
#ifndef VIRTMGR_LOOP_TIMER_H
#define VIRTMGR_LOOP_TIMER_H

#include "virtmgr/event_loop.h"

struct loop_timer {
	struct event_source source; /* its descriptor is -1 when none is set */
};

#define LOOP_TIMER_NONE ((struct loop_timer){ { .fd = -1 } })

/*
 * READY is called once in LOOP, with OWNER in its source, SECONDS from now (by CLOCK_MONOTONIC, which stands still while the
 * machine sleeps); one that was set before is dropped.  0 or a negative errno: then none is set.  READY calls loop_timer_clear.
 */
int loop_timer_set(struct loop_timer *timer, int loop, unsigned int seconds,
		   void (*ready)(struct event_source *source, uint32_t events), void *owner);

/*
 * The same in steps, for one that is set again and again, also when there are no more descriptors: it takes its descriptor here, and
 * runs not yet.  0 or a negative errno: then there is none.
 */
int loop_timer_open(struct loop_timer *timer, int loop, void (*ready)(struct event_source *source, uint32_t events),
		    void *owner);

/* READY is called SECONDS from now, which calls loop_timer_disarm or loop_timer_arm.  0 or a negative errno. */
int loop_timer_arm(const struct loop_timer *timer, unsigned int seconds);

/* READY is not called until it is armed again. */
void loop_timer_disarm(const struct loop_timer *timer);

/* READY is not called any more.  Harmless when none is set. */
void loop_timer_clear(struct loop_timer *timer, int loop);

#endif
