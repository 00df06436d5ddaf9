/* SPDX-License-Identifier: Apache-2.0 */
#include "image/guid.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <sys/random.h>

/* Where the byte that TEXT names next is stored: the first three fields are reversed. */
static const uint8_t place[GUID_BYTES] = { 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15 };

static int hex_digit(char c)
{
	if (!isxdigit((unsigned char)c))
		return -1;
	return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

static bool is_hyphen_place(int at)
{
	return at == 8 || at == 13 || at == 18 || at == 23;
}

int guid_parse(const char *text, struct guid *ret)
{
	struct guid guid = { 0 };
	int digits = 0;

	if (strlen(text) != GUID_TEXT_LENGTH)
		return -EINVAL;
	for (int at = 0; at < GUID_TEXT_LENGTH; at++) {
		int digit = hex_digit(text[at]);

		if (is_hyphen_place(at)) {
			if (text[at] != '-')
				return -EINVAL;
			continue;
		}
		if (digit < 0)
			return -EINVAL;
		guid.bytes[place[digits / 2]] |= (uint8_t)(digit << (digits % 2 ? 0 : 4));
		digits++;
	}
	*ret = guid;
	return 0;
}

int guid_random(struct guid *ret)
{
	struct guid guid;

	if (getrandom(guid.bytes, sizeof(guid.bytes), 0) != (ssize_t)sizeof(guid.bytes))
		return errno ? -errno : -EIO;
	guid.bytes[7] = (guid.bytes[7] & 0x0f) | 0x40; /* version 4; the third field is little endian */
	guid.bytes[8] = (guid.bytes[8] & 0x3f) | 0x80; /* the variant of RFC 9562 */
	*ret = guid;
	return 0;
}

bool guid_is_zero(const struct guid *guid)
{
	static const struct guid zero;

	return !memcmp(guid, &zero, sizeof(zero));
}
