/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_CLOCK_H
#define COMMON_CLOCK_H

#include <stdint.h>
#include <time.h>

/* The time of the clock ID in microseconds; 0 if it can't be read, which happens for a process that is gone. */
static inline uint64_t clock_us(clockid_t id)
{
	struct timespec now;

	return clock_gettime(id, &now) ? 0 : (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* Milliseconds of CLOCK_MONOTONIC, for deadlines. */
static inline int64_t clock_ms(void)
{
	return (int64_t)(clock_us(CLOCK_MONOTONIC) / 1000);
}

#endif
