/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers in text that comes from outside: decimal digits alone.  strtoul(3) and its like also take white space, signs
 * and other bases, and wrap around.
 *
 * All functions are pure and thread-safe.
 */
#ifndef COMMON_NUMBER_H
#define COMMON_NUMBER_H

#include <stdint.h>

/*
 * Reads the digits at *TEXT and advances it past them.  Returns 0, -EINVAL (no digit) or -ERANGE (greater than MAX);
 * *TEXT and *RET are untouched on failure.
 */
int number_take(const char **text, uint32_t max, uint32_t *ret);

/* Reads all of TEXT.  Returns 0, -EINVAL (something other than digits) or -ERANGE (not in MIN..MAX, both included). */
int number_parse(const char *text, uint32_t min, uint32_t max, uint32_t *ret);

#endif
