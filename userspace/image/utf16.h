/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IMAGE_UTF16_H
#define IMAGE_UTF16_H

#include <stddef.h>
#include <stdint.h>

/*
 * Converts TEXT, UTF-8, to UTF-16LE at BYTES, at most UNITS units of two bytes; what does not fit is left out, and a
 * surrogate pair is never cut in two.  Bytes beyond the text are left as they are.  The number of units written, or -EILSEQ:
 * TEXT is no UTF-8.  Thread-safe.
 */
int utf16_from_utf8(const char *text, uint8_t *bytes, size_t units);

#endif
