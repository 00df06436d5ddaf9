/* SPDX-License-Identifier: Apache-2.0 */
#include "image/utf16.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>

#include "image/byte_order.h"

/* How many continuation bytes follow LEAD, and the bits of the code point in it; -1: it can't begin a character. */
static int decode_lead(uint8_t lead, uint32_t *bits)
{
	static const struct {
		uint8_t mask, value;
		int more;
	} leads[] = { { 0x80, 0x00, 0 }, { 0xe0, 0xc0, 1 }, { 0xf0, 0xe0, 2 }, { 0xf8, 0xf0, 3 } };

	for (size_t i = 0; i < sizeof(leads) / sizeof(leads[0]); i++) {
		if ((lead & leads[i].mask) != leads[i].value)
			continue;
		*bits = lead & (uint8_t)~leads[i].mask;
		return leads[i].more;
	}
	return -1;
}

/* Reads one character of TEXT.  Its length in bytes, or -EILSEQ. */
static int next_character(const uint8_t *text, uint32_t *ret)
{
	static const uint32_t smallest[] = { 0, 0x80, 0x800, 0x10000 }; /* a longer form of a smaller one is no UTF-8 */
	uint32_t character;
	int more = decode_lead(text[0], &character);

	if (more < 0)
		return -EILSEQ;
	for (int i = 1; i <= more; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return -EILSEQ;
		character = character << 6 | (text[i] & 0x3f);
	}
	if (character < smallest[more] || character > 0x10ffff || (character >= 0xd800 && character < 0xe000))
		return -EILSEQ;
	*ret = character;
	return more + 1;
}
