/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A time by which something must have happened: a timer in the event loop.
 */
#ifndef VIRTMGR_DEADLINE_H
#define VIRTMGR_DEADLINE_H

#include "virtmgr/event_loop.h"

struct deadline {
	struct event_source source; /* its descriptor is -1 when none is set */
};

#define DEADLINE_NONE ((struct deadline){ { .fd = -1 } })

/*
 * READY is called once in LOOP, with OWNER in its source, SECONDS from now (by CLOCK_MONOTONIC, which stands still while the
 * machine sleeps); one that was set before is dropped.  0 or a negative errno: then none is set.  READY calls deadline_clear.
 */
int deadline_set(struct deadline *deadline, int loop, unsigned int seconds,
		 void (*ready)(struct event_source *source, uint32_t events), void *owner);

/* READY is not called any more.  Harmless when none is set. */
void deadline_clear(struct deadline *deadline, int loop);

#endif
