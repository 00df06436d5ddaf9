/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a guest writes on its console or its log when the client has given no file for it: it goes to the manager's log, line by
 * line, as "Console(CID): ..." or "Log(CID): ...".
 *
 * The guest is not trusted: a long line comes in pieces, what is not printable ASCII becomes '?', and of very many lines some
 * are left out, which is said.  It is read without waiting, and never kept from writing.
 */
#ifndef VIRTMGR_GUEST_OUTPUT_H
#define VIRTMGR_GUEST_OUTPUT_H

#include <stddef.h>

#include "virtmgr/event_loop.h"
#include "virtmgr/line_budget.h"

/* Enough for all that a kernel says when it boots. */
enum { OUTPUT_MAX_LINE = 512, OUTPUT_LINES = 2000, OUTPUT_LINE_INTERVAL_MS = 10 };

struct guest_output {
	const char *name; /* "Console" or "Log" */
	uint32_t cid;
	int loop;
	struct event_source source; /* the reading end of a pipe, -1: none */
	char line[OUTPUT_MAX_LINE + 1];
	size_t length;
	struct line_budget budget;
};

#define GUEST_OUTPUT_NONE ((struct guest_output){ .source.fd = -1 })

/*
 * Begins to read in LOOP what is written to *RET_WRITE_END, a descriptor that the caller closes.  OUTPUT must stay where it
 * is; guest_output_close releases it.  0 or a negative errno: nothing was changed.
 */
int guest_output_open(struct guest_output *output, const char *name, uint32_t cid, int loop, int *ret_write_end);

/* Reads what is there still, and logs the last line although it has no end.  Harmless on GUEST_OUTPUT_NONE. */
void guest_output_close(struct guest_output *output);

#endif
