/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Listeners outlive a shortage: while the system or this process lacks descriptors or memory, which any process can bring about, accept4
 * fails and the connection stays where it is.  The listener is left alone for a second then, because it would wake the loop at once.
 */
#ifndef VIRTMGR_ACCEPT_PAUSE_H
#define VIRTMGR_ACCEPT_PAUSE_H

#include <stdbool.h>

#include "virtmgr/loop_timer.h"

struct accept_pause {
	int loop;
	struct event_source *listener;
	struct loop_timer timer;
	bool failing; /* since the last connection that was accepted */
};

#define ACCEPT_PAUSE_NONE ((struct accept_pause){ .loop = -1, .timer.source.fd = -1 })

/* For LISTENER, which waits in LOOP for EPOLLIN; both stay where they are.  0 or a negative errno. */
int accept_pause_open(struct accept_pause *pause, int loop, struct event_source *listener);

/*
 * accept4 has failed with ERROR, an errno.  1: it is a shortage, and the pause begins, the first one since a connection was accepted;
 * 0: it is not the first; -ERROR: it is no shortage.
 */
int accept_pause_begin(struct accept_pause *pause, int error);

/* Is ERROR, an errno of accept4, that of a connection that ended before it was accepted, or of a signal?  Then there is nothing to do. */
bool accept_error_is_transient(int error);

/* A connection was accepted. */
void accept_pause_end(struct accept_pause *pause);

/* Before the listener is closed.  Harmless on a second call. */
void accept_pause_close(struct accept_pause *pause);

#endif
