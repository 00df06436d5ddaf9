/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_UTF8_H
#define COMMON_UTF8_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Reads the first character of TEXT, UTF-8 as RFC 3629 has it: the shortest form, no surrogates, up to U+10FFFF.  RET is its
 * code point, 0 at the end of TEXT.  Its length in bytes (1 at the end), or -EILSEQ with RET untouched.  Pure; thread-safe.
 */
int utf8_next(const char *text, uint32_t *ret);

/* Whether all of TEXT is UTF-8.  Pure; thread-safe. */
bool utf8_is_valid(const char *text);

#endif
