/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The few functions of the C library's string.h that a guest has, with the C library's meaning.  The compiler itself
 * calls the first four.  On the host (unit tests) this is the host's own string.h.
 */
#ifndef VMBASE_STRING_H
#define VMBASE_STRING_H

#include <stddef.h>

#if __STDC_HOSTED__
#include <string.h>
#else
void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);
int memcmp(const void *a, const void *b, size_t size);
size_t strlen(const char *text);
size_t strnlen(const char *text, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t max);
#endif

#endif
