/* SPDX-License-Identifier: Apache-2.0 */
#include "common/utf8.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/count.h"

/* What the first byte of a character above 7F tells: how many follow, and the range of the second one.  Others are 80..BF. */
/* clang-format off */
static const struct lead {
	uint8_t first, last;
	uint8_t following;
	uint8_t low, high;
} leads[] = {
	{ 0xc2, 0xdf, 1, 0x80, 0xbf },
	{ 0xe0, 0xe0, 2, 0xa0, 0xbf }, /* below: overlong */
	{ 0xe1, 0xec, 2, 0x80, 0xbf },
	{ 0xed, 0xed, 2, 0x80, 0x9f }, /* above: surrogates */
	{ 0xee, 0xef, 2, 0x80, 0xbf },
	{ 0xf0, 0xf0, 3, 0x90, 0xbf }, /* below: overlong */
	{ 0xf1, 0xf3, 3, 0x80, 0xbf },
	{ 0xf4, 0xf4, 3, 0x80, 0x8f }, /* above: beyond U+10FFFF */
};
/* clang-format on */

/* Code points that are not shown as themselves (Unicode: categories Cc, Zl, Zp, and Cf as far as it hides or turns text). */
static const struct {
	uint32_t first, last;
} hidden[] = {
	{ 0x0000, 0x001f }, { 0x007f, 0x009f }, { 0x00ad, 0x00ad },   { 0x061c, 0x061c },
	{ 0x180e, 0x180e }, { 0x200b, 0x200f }, { 0x2028, 0x202e },   { 0x2060, 0x206f },
	{ 0xfeff, 0xfeff }, { 0xfff9, 0xfffb }, { 0xe0000, 0xe007f },
};

static const struct lead *find_lead(uint8_t byte)
{
	for (size_t i = 0; i < COUNT(leads); i++)
		if (byte >= leads[i].first && byte <= leads[i].last)
			return &leads[i];
	return NULL;
}

int utf8_next(const char *text, uint32_t *ret)
{
	const uint8_t *at = (const uint8_t *)text;
	const struct lead *lead;
	uint32_t character;

	if (*at < 0x80) {
		*ret = *at;
		return 1;
	}
	lead = find_lead(*at);
	if (!lead)
		return -EILSEQ;
	/* A lead byte of N bytes has N ones and a zero before its bits. */
	character = *at & (0x3fu >> lead->following);
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

bool utf8_is_plain(uint32_t code_point)
{
	for (size_t i = 0; i < COUNT(hidden); i++)
		if (code_point >= hidden[i].first && code_point <= hidden[i].last)
			return false;
	return true;
}

/* Writes the character at TEXT as it is shown, at most 10 bytes and a NUL, and returns how many bytes of TEXT it took. */
static size_t escape_one(const char *text, char ret[11])
{
	uint32_t code_point;
	int length = utf8_next(text, &code_point);

	if (length > 0 && utf8_is_plain(code_point)) {
		memcpy(ret, text, (size_t)length);
		ret[length] = '\0';
	} else if (length < 0 || code_point < 0x80) {
		snprintf(ret, 11, "\\x%02x", (unsigned char)*text);
	} else {
		snprintf(ret, 11, code_point > 0xffff ? "\\U%08x" : "\\u%04x", code_point);
	}
	return length > 0 ? (size_t)length : 1;
}

/* How many bytes of TEXT, at most MAX, are printable ASCII: nearly all that is logged, so they are copied at once. */
static size_t ascii_length(const char *text, size_t max)
{
	size_t length = 0;

	while (length < max && text[length] >= ' ' && text[length] <= '~')
		length++;
	return length;
}

bool utf8_escape(const char *text, char *ret, size_t size)
{
	size_t used = 0;
	char one[11];

	while (*text) {
		size_t taken = ascii_length(text, size - used - 1), length = taken;

		memcpy(ret + used, text, taken);
		if (!taken) {
			taken = escape_one(text, one);
			length = strlen(one);
			if (length >= size - used)
				break;
			memcpy(ret + used, one, length);
		}
		used += length;
		text += taken;
	}
	ret[used] = '\0';
	return !*text;
}
