/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rate limit for lines of a guest in the log: a burst, and one more for each interval.  Pure; the caller passes the
 * time.
 */
#ifndef VIRTMGR_RATE_LIMIT_H
#define VIRTMGR_RATE_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

struct rate_limit {
	uint32_t max;         /* at once */
	uint32_t interval_ms; /* for each further one */
	uint32_t left;
	uint32_t suppressed; /* since the last line that was not suppressed */
	int64_t refilled_ms;
};

/* MAX lines, and one for each INTERVAL_MS. */
#define RATE_LIMIT(max_, interval_ms_) ((struct rate_limit){ .max = (max_), .interval_ms = (interval_ms_), .left = (max_) })

/*
 * Whether a line may be logged at NOW_MS (milliseconds of a monotonic clock); then *RET_SUPPRESSED is how many were
 * suppressed before it.
 */
bool rate_limit_take(struct rate_limit *limit, int64_t now_ms, uint32_t *ret_suppressed);

#endif
