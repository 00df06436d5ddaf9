/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UTF-8 (RFC 3629: the shortest form, no surrogates, up to U+10FFFF) in text that comes from outside.
 *
 * All functions are pure and thread-safe.
 */
#ifndef COMMON_UTF8_H
#define COMMON_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Decodes the first character of the string TEXT.  Returns its length in bytes (1 at the end of TEXT, whose code point is
 * 0) and its code point in *RET, or -EILSEQ with *RET untouched.
 */
int utf8_next(const char *text, uint32_t *ret);

/* Whether all of the string TEXT is UTF-8. */
bool utf8_is_valid(const char *text);

/*
 * Whether a terminal or an editor shows CODE_POINT as itself.  False for control characters (C0, DEL, C1), line and
 * paragraph separators, marks that change the direction of text, and characters of no width: with those, quoted text
 * can look like other text or steer a terminal.
 */
bool utf8_is_plain(uint32_t code_point);

/*
 * Copies TEXT to the buffer RET of SIZE bytes (1 or more), with escapes in place of what is not plain: \xNN for a
 * control character or a byte that is not UTF-8, \uNNNN and \UNNNNNNNN for others.  RET is always terminated and holds
 * whole characters and escapes.  Returns false if not all of TEXT had room.
 */
bool utf8_escape(const char *text, char *ret, size_t size);

#endif
