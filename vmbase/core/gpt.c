// SPDX-License-Identifier: Apache-2.0
#include "vmbase/gpt.h"

#include <stdbool.h>

#include "vmbase/error.h"
#include "vmbase/string.h"

#include "little_endian.h"

/* Offsets in the header, table 5-5, and in an entry, table 5-6. */
enum {
	HEADER_SIZE = 12,
	HEADER_CRC = 16,
	HEADER_SECTOR = 24,
	HEADER_FIRST = 40,
	HEADER_LAST = 48,
	HEADER_ENTRIES = 72,
	HEADER_COUNT = 80,
	HEADER_ENTRY_SIZE = 84,
	HEADER_ENTRIES_CRC = 88,
	HEADER_BYTES = 92,
	ENTRY_FIRST = 32,
	ENTRY_LAST = 40,
	ENTRY_LABEL = 56,
	ENTRY_BYTES = 128,
	LABEL_UNITS = 36,
	MAX_ENTRIES = 1024, /* tables have 128 */
};

/* CRC-32 of IEEE 802.3, continued from CRC; it begins with 0. */
static uint32_t crc32(uint32_t crc, const uint8_t *bytes, uint32_t size)
{
	crc = ~crc;
	for (uint32_t i = 0; i < size; i++) {
		crc ^= bytes[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

static bool header_is_right(uint8_t *header, uint64_t sector)
{
	uint32_t size = (uint32_t)le32(header + HEADER_SIZE), crc = (uint32_t)le32(header + HEADER_CRC);

	if (memcmp(header, "EFI PART", 8) != 0 || size < HEADER_BYTES || size > GPT_SECTOR ||
	    le64(header + HEADER_SECTOR) != sector)
		return false;
	memset(header + HEADER_CRC, 0, 4);
	return crc32(0, header, size) == crc;
}

/* Entries are read by whole sectors, which have several of them. */
static bool fits(const struct gpt *gpt)
{
	uint64_t sectors;

	if (gpt->entry_size < ENTRY_BYTES || gpt->entry_size > GPT_SECTOR || GPT_SECTOR % gpt->entry_size ||
	    gpt->count == 0 || gpt->count > MAX_ENTRIES || gpt->first > gpt->last || gpt->last >= gpt->sectors)
		return false;
	sectors = ((uint64_t)gpt->count * gpt->entry_size + GPT_SECTOR - 1) / GPT_SECTOR;
	return gpt->entries < gpt->sectors && sectors <= gpt->sectors - gpt->entries;
}

static int check_entries(const struct gpt *gpt, uint32_t wanted)
{
	uint32_t left = gpt->count * gpt->entry_size, crc = 0;
	uint8_t sector[GPT_SECTOR];

	for (uint64_t at = gpt->entries; left; at++) {
		uint32_t size = left < GPT_SECTOR ? left : GPT_SECTOR;
		int r = gpt->read(gpt->disk, at, sector, 1);

		if (r < 0)
			return r;
		crc = crc32(crc, sector, size);
		left -= size;
	}
	return crc == wanted ? 0 : -ENOENT;
}

/* The table whose header is at SECTOR. */
static int open_at(struct gpt *gpt, uint64_t sector)
{
	uint8_t header[GPT_SECTOR];
	int r = gpt->read(gpt->disk, sector, header, 1);

	if (r < 0)
		return r;
	if (!header_is_right(header, sector))
		return -ENOENT;
	gpt->entries = le64(header + HEADER_ENTRIES);
	gpt->first = le64(header + HEADER_FIRST);
	gpt->last = le64(header + HEADER_LAST);
	gpt->count = (uint32_t)le32(header + HEADER_COUNT);
	gpt->entry_size = (uint32_t)le32(header + HEADER_ENTRY_SIZE);
	return fits(gpt) ? check_entries(gpt, (uint32_t)le32(header + HEADER_ENTRIES_CRC)) : -ENOENT;
}

int gpt_open(struct gpt *ret, gpt_reader read, void *disk, uint64_t sectors)
{
	int r;

	*ret = (struct gpt){ .read = read, .disk = disk, .sectors = sectors };
	if (sectors < 3)
		return -ENOENT;
	r = open_at(ret, 1);
	return r == -ENOENT ? open_at(ret, sectors - 1) : r;
}

/* The next character of the LABEL_UNITS units at TEXT, from *AT on.  What is no UTF-16 is U+FFFD. */
static uint32_t next_character(const uint8_t *text, unsigned *at)
{
	uint32_t unit = (uint32_t)le16(text + 2 * (*at)++), low;

	if (unit < 0xd800 || unit > 0xdfff)
		return unit;
	low = *at < LABEL_UNITS ? (uint32_t)le16(text + 2 * *at) : 0;
	if (unit > 0xdbff || low < 0xdc00 || low > 0xdfff)
		return 0xfffd;
	++*at;
	return 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
}

static char *put_utf8(char *to, uint32_t character)
{
	static const uint8_t marks[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	int bytes = character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;

	for (int i = bytes - 1; i > 0; i--) {
		to[i] = (char)(0x80 | (character & 0x3f));
		character >>= 6;
	}
	to[0] = (char)((bytes > 1 ? marks[bytes] : 0) | character);
	return to + bytes;
}

static void copy_label(const uint8_t *text, char *to)
{
	for (unsigned at = 0; at < LABEL_UNITS;) {
		uint32_t character = next_character(text, &at);

		if (!character)
			break;
		to = put_utf8(to, character);
	}
	*to = 0;
}

int gpt_partition(const struct gpt *gpt, uint32_t index, struct gpt_partition *ret)
{
	static const uint8_t unused[16];
	uint32_t per_sector;
	uint8_t sector[GPT_SECTOR];
	const uint8_t *entry;
	uint64_t first, last;
	int r;

	if (index >= gpt->count)
		return -ENOENT;
	per_sector = GPT_SECTOR / gpt->entry_size;
	r = gpt->read(gpt->disk, gpt->entries + index / per_sector, sector, 1);
	if (r < 0)
		return r;
	entry = sector + index % per_sector * gpt->entry_size;
	if (!memcmp(entry, unused, sizeof(unused)))
		return -ENOENT;
	first = le64(entry + ENTRY_FIRST);
	last = le64(entry + ENTRY_LAST);
	if (first < gpt->first || first > last || last > gpt->last)
		return -EBADMSG;
	ret->first = first;
	ret->sectors = last - first + 1;
	copy_label(entry + ENTRY_LABEL, ret->label);
	return 0;
}

int gpt_find(const struct gpt *gpt, const char *label, struct gpt_partition *ret)
{
	struct gpt_partition partition;

	for (uint32_t i = 0; i < gpt->count; i++) {
		int r = gpt_partition(gpt, i, &partition);

		if (r < 0 && r != -ENOENT)
			return r;
		if (r < 0 || strcmp(partition.label, label) != 0)
			continue;
		*ret = partition;
		return 0;
	}
	return -ENOENT;
}
