/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many lines a guest may have in the log: so many at once, and one more for each interval.  Pure; the caller brings the
 * time.
 */
#ifndef VIRTMGR_LINE_BUDGET_H
#define VIRTMGR_LINE_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

struct line_budget {
	uint32_t max;         /* at once */
	uint32_t interval_ms; /* for each further one */
	uint32_t left;
	uint32_t left_out;    /* since the last line that was told */
	int64_t refilled_ms;
};

/* MAX lines, and one for each INTERVAL_MS. */
#define LINE_BUDGET(max_, interval_ms_) ((struct line_budget){ .max = (max_), .interval_ms = (interval_ms_), .left = (max_) })

/*
 * Whether a line is to be told at NOW_MS (milliseconds of a clock that doesn't go back); then *RET_LEFT_OUT is how many
 * were left out before it.
 */
bool line_budget_take(struct line_budget *budget, int64_t now_ms, uint32_t *ret_left_out);

/* Milliseconds of such a clock. */
int64_t line_budget_now(void);

#endif
