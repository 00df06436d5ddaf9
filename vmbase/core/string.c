// SPDX-License-Identifier: Apache-2.0
/* Built for guests alone, and with -fno-builtin, or the compiler would make memcpy of the loop in memcpy. */
#include "vmbase/string.h"

#include <stdint.h>

/* Eight bytes at a time where both ends allow it: the image's .data and packets are copied with this. */
void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
	unsigned char *t = to;
	const unsigned char *f = from;

	if ((((uintptr_t)t | (uintptr_t)f) & 7) == 0)
		for (; size >= 8; size -= 8, t += 8, f += 8)
			*(uint64_t *)t = *(const uint64_t *)f;
	while (size--)
		*t++ = *f++;
	return to;
}

void *memmove(void *to, const void *from, size_t size)
{
	unsigned char *t = to;
	const unsigned char *f = from;

	if (t <= f || t >= f + size) {
		while (size--)
			*t++ = *f++;
		return to;
	}
	while (size--)
		t[size] = f[size];
	return to;
}

void *memset(void *to, int byte, size_t size)
{
	unsigned char *t = to;
	uint64_t eight = 0x0101010101010101u * (unsigned char)byte;

	if (((uintptr_t)t & 7) == 0)
		for (; size >= 8; size -= 8, t += 8)
			*(uint64_t *)t = eight;
	while (size--)
		*t++ = (unsigned char)byte;
	return to;
}

int memcmp(const void *a, const void *b, size_t size)
{
	const unsigned char *x = a, *y = b;

	for (; size && *x == *y; size--, x++, y++)
		;
	return size ? *x - *y : 0;
}

size_t strnlen(const char *text, size_t max)
{
	size_t length = 0;

	while (length < max && text[length])
		length++;
	return length;
}

size_t strlen(const char *text)
{
	return strnlen(text, SIZE_MAX);
}

int strncmp(const char *a, const char *b, size_t max)
{
	for (; max && *a && *a == *b; max--, a++, b++)
		;
	return max ? (unsigned char)*a - (unsigned char)*b : 0;
}

int strcmp(const char *a, const char *b)
{
	return strncmp(a, b, SIZE_MAX);
}
