/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Takes what a guest writes on its console or its log from a pipe, and passes it on:
 *
 *	without a descriptor of the client's   line by line to the manager's log, as "Console(CID): ..." or "Log(CID): ..."
 *	with one of /dev/kmsg                  the same lines to that descriptor: each write(2) is a record of the kernel's log, so
 *	                                       byte by byte, as VMMs write, would be one record for each
 *	with any other                         as it is
 *
 * The last one is for a VMM that could only open the descriptor's file anew: the file may belong to another user.
 *
 * The guest is not trusted: of lines, a long one comes in pieces, what is not printable ASCII becomes '?', and they are rate
 * limited; the number of suppressed lines is logged.  Nothing here waits: a client's descriptor that has no room keeps the guest
 * waiting, as with a VMM that writes there itself, and not the manager.
 */
#ifndef VIRTMGR_GUEST_OUTPUT_H
#define VIRTMGR_GUEST_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "virtmgr/event_loop.h"
#include "virtmgr/rate_limit.h"

/* Enough for the boot messages of a kernel. */
enum { OUTPUT_MAX_LINE = 512, OUTPUT_LINES = 2000, OUTPUT_LINE_INTERVAL_MS = 10 };

struct guest_output {
	const char *name; /* "Console" or "Log" */
	uint32_t cid;
	int loop;
	struct event_source source; /* the reading end of a pipe, -1: none */
	bool stopped;               /* the source is not in the loop: the target has no room */
	char line[OUTPUT_MAX_LINE + 1];
	size_t length;
	struct rate_limit limit;

	struct event_source target; /* the client's descriptor, owned; -1: the manager's log */
	bool is_kmsg;
	bool broken;   /* the target takes no more: what comes is dropped */
	char *pending; /* for the target */
	size_t pending_bytes;
};

#define GUEST_OUTPUT_NONE ((struct guest_output){ .source.fd = -1, .target.fd = -1 })

/* Whether FD is a descriptor of /dev/kmsg.  False for -1. */
bool guest_output_is_kmsg(int fd);

/*
 * Begins to read in LOOP what is written to *RET_WRITE_END, a descriptor that the caller closes, and passes it on to TARGET, or to
 * the log (-1).  OUTPUT must stay where it is; guest_output_close releases it.  0, TARGET is OUTPUT's; or a negative errno, and
 * nothing was changed.
 */
int guest_output_open(struct guest_output *output, const char *name, uint32_t cid, int loop, int target,
		      int *ret_write_end);

/*
 * The VMM has ended: reads what is there still, and no more.  A last line without an end is passed on like the others.  What the
 * target has no room for goes there later.  Harmless on GUEST_OUTPUT_NONE.
 */
void guest_output_finish(struct guest_output *output);

/* Drops what is left, whose size is logged.  Harmless on GUEST_OUTPUT_NONE. */
void guest_output_close(struct guest_output *output);

#endif
