/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Formatting of text: the part of printf that guests need.
 *
 * Conversions: %d %i %u %x %X %p %s %c %%.  Flags: - (left), 0 (zeros), # (0x before %x).  Width and precision, as
 * numbers or as *; the precision counts for %s alone.  Sizes: hh h l ll z j t.  There is no floating point.  A
 * conversion that is not known is written out as it stands, so that the mistake can be seen.
 *
 * Pure code: no state, may be used anywhere, in exception handlers too.
 */
#ifndef VMBASE_FORMAT_H
#define VMBASE_FORMAT_H

#include <stdarg.h>
#include <stddef.h>

/* Takes one character of the result. */
typedef void (*format_put)(void *data, char c);

/* Hands every character of the result to PUT, in order; returns how many there were. */
size_t format_write(format_put put, void *data, const char *format, va_list args) __attribute__((format(printf, 3, 0)));

/*
 * Writes the result into BUFFER of SIZE bytes, always terminated (SIZE 0: nothing is written).  Returns the length of
 * the whole result, so that a return >= SIZE means that it was cut.
 */
size_t format_string(char *buffer, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
