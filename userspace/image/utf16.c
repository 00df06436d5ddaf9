/* SPDX-License-Identifier: Apache-2.0 */
#include "image/utf16.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

#include "common/utf8.h"

/* CHARACTER in one unit or a surrogate pair; the number of units. */
static size_t encode(uint32_t character, uint16_t units[2])
{
	if (character < 0x10000) {
		units[0] = htole16((uint16_t)character);
		return 1;
	}
	character -= 0x10000;
	units[0] = htole16((uint16_t)(0xd800 + (character >> 10)));
	units[1] = htole16((uint16_t)(0xdc00 + (character & 0x3ff)));
	return 2;
}

int utf16_from_utf8(const char *text, uint8_t *bytes, size_t units)
{
	size_t written = 0;

	if (!utf8_is_valid(text))
		return -EILSEQ;
	while (*text) {
		uint16_t encoded[2];
		uint32_t character;
		size_t length;

		text += utf8_next(text, &character);
		length = encode(character, encoded);
		if (length > units - written)
			break;
		memcpy(bytes + 2 * written, encoded, 2 * length);
		written += length;
	}
	return (int)written;
}
