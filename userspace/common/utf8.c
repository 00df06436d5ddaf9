/* SPDX-License-Identifier: Apache-2.0 */
#include "common/utf8.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>

/* What a first byte says: how many follow, and the range of the next one; all others are 80..BF. */
static const struct lead {
	uint8_t first, last;
	uint8_t following;
	uint8_t low, high;
} leads[] = {
	{ 0x00, 0x7f, 0, 0, 0 },
	{ 0xc2, 0xdf, 1, 0x80, 0xbf },
	{ 0xe0, 0xe0, 2, 0xa0, 0xbf }, /* or it would have fitted in two */
	{ 0xe1, 0xec, 2, 0x80, 0xbf },
	{ 0xed, 0xed, 2, 0x80, 0x9f }, /* or it would be a surrogate */
	{ 0xee, 0xef, 2, 0x80, 0xbf },
	{ 0xf0, 0xf0, 3, 0x90, 0xbf }, /* or it would have fitted in three */
	{ 0xf1, 0xf3, 3, 0x80, 0xbf },
	{ 0xf4, 0xf4, 3, 0x80, 0x8f }, /* or it would be above U+10FFFF */
};

static const struct lead *find_lead(uint8_t byte)
{
	for (size_t i = 0; i < sizeof(leads) / sizeof(leads[0]); i++)
		if (byte >= leads[i].first && byte <= leads[i].last)
			return &leads[i];
	return NULL;
}

int utf8_next(const char *text, uint32_t *ret)
{
	const uint8_t *at = (const uint8_t *)text;
	const struct lead *lead = find_lead(*at);
	uint32_t character;

	if (!lead)
		return -EILSEQ;
	/* A lead byte of N bytes has N ones and a zero before its bits; one of a single byte has no ones. */
	character = lead->following ? *at & (0x3fu >> lead->following) : *at;
	for (int i = 0; i < lead->following; i++) {
		at++;
		if (*at < (i ? 0x80 : lead->low) || *at > (i ? 0xbf : lead->high))
			return -EILSEQ;
		character = character << 6 | (*at & 0x3f);
	}
	*ret = character;
	return lead->following + 1;
}

bool utf8_is_valid(const char *text)
{
	uint32_t character = 1;

	while (character) {
		int length = utf8_next(text, &character);

		if (length < 0)
			return false;
		text += length;
	}
	return true;
}
