/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages of a slow load: what it is doing, so that a person at the console sees that it goes on and where.
 *
 * A load that is quick says nothing.  After PROGRESS_INTERVAL_US each point that the load passes may print a line, and
 * then one in each further interval.  The lines go through the log, which never waits for its reader.
 * One load per process, from one thread.
 */
#ifndef INIT_PROGRESS_H
#define INIT_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PROGRESS_INTERVAL_US = 3 * 1000 * 1000, PROGRESS_LINE_BYTES = 160 };

struct progress {
	const char *step;                /* "attaching the policy's programs"; NULL: no load is reported */
	uint64_t begin_us, last_line_us; /* CLOCK_MONOTONIC */
};

/*
 * Is a line due at NOW_US?  Then it is written to RET, and the next one is due an interval later.
 * DONE of ALL parts of the step are done; ALL 0: how many there are is not known; both 0: the step has no parts.  Pure.
 */
bool progress_line(struct progress *progress, uint64_t now_us, size_t done, size_t all, char *ret, size_t bytes);

/* The load begins.  Without this call the other two do nothing. */
void progress_begin(void);

/* A step begins.  WORDS are not copied, and must stay valid. */
void progress_step(const char *words);

/* DONE of ALL parts of the step are done, as in progress_line. */
void progress_point(size_t done, size_t all);

#endif
