/* SPDX-License-Identifier: Apache-2.0 */
/* One entry of a zip file; what Python's zipfile writes, and what is wrong with others, is in tests/image/check.sh. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "common/byte_order.h"
#include "common/cleanup.h"
#include "image/zip_file.h"

enum { NAME_BYTES = 1, LOCAL_BYTES = 30 + NAME_BYTES, ENTRY_BYTES = 46 + NAME_BYTES, END_BYTES = 22, FILE_MAX = 8192 };

static struct reason reason;

static void put_le16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)value;
	at[1] = (uint8_t)(value >> 8);
}

/* A zip file with one deflated entry "a": PACKED, of which CONTENT is the unpacked form.  Its size. */
static size_t make_zip(uint8_t *file, const uint8_t *packed, size_t packed_size, const char *content)
{
	uint8_t *entry = file + LOCAL_BYTES + packed_size, *end = entry + ENTRY_BYTES;
	size_t size = LOCAL_BYTES + packed_size + ENTRY_BYTES + END_BYTES;

	cr_assert_leq(size, FILE_MAX);
	memset(file, 0, FILE_MAX);
	put_le32(file, 0x04034b50);
	put_le16(file + 8, 8);
	put_le16(file + 26, NAME_BYTES);
	file[30] = 'a';
	memcpy(file + LOCAL_BYTES, packed, packed_size);
	put_le32(entry, 0x02014b50);
	put_le16(entry + 10, 8);
	put_le32(entry + 16, (uint32_t)crc32(0, (const uint8_t *)content, (uInt)strlen(content)));
	put_le32(entry + 20, (uint32_t)packed_size);
	put_le32(entry + 24, (uint32_t)strlen(content));
	put_le16(entry + 28, NAME_BYTES);
	entry[46] = 'a';
	put_le32(end, 0x06054b50);
	put_le16(end + 8, 1);
	put_le16(end + 10, 1);
	put_le32(end + 12, ENTRY_BYTES);
	put_le32(end + 16, (uint32_t)(LOCAL_BYTES + packed_size));
	return size;
}

/* The bytes of a stored block, which is empty unless TEXT. */
static size_t put_block(uint8_t *at, bool last, const char *text)
{
	uint16_t size = (uint16_t)strlen(text);

	at[0] = last;
	put_le16(at + 1, size);
	put_le16(at + 3, (uint16_t)~size);
	memcpy(at + 5, text, size);
	return 5 + (size_t)size;
}

/* What is read of "text" behind COUNT empty blocks, where MAX bytes may be. */
static int read_padded(size_t count, size_t max)
{
	_cleanup_free_ uint8_t *file = malloc(FILE_MAX), *packed = malloc(FILE_MAX);
	struct byte_source source = { .fd = -1, .memory = file };
	_cleanup_free_ char *content = NULL;
	size_t size = 0, length = 0;
	int r;

	for (size_t i = 0; i < count; i++)
		size += put_block(packed + size, false, "");
	size += put_block(packed + size, true, "text");
	source.size = make_zip(file, packed, size, "text");
	r = zip_read_entry(&source, "a", max, &content, &length, &reason);
	if (r == 0)
		cr_expect(length == 4 && strcmp(content, "text") == 0);
	return r;
}

Test(image_zip, padding_that_takes_time_is_refused)
{
	cr_expect_eq(read_padded(0, 4), 0, "%s", reason.text);
	cr_expect_eq(read_padded(11, 4), 0, "%s", reason.text);
	cr_expect_eq(read_padded(12, 4), -EFBIG);
	cr_expect_str_eq(reason.text, "a has 69 packed bytes; at most 4 unpacked ones do not need as many");
	cr_expect_eq(read_padded(1000, 5000), 0, "%s", reason.text);
}

/* Bytes that deflate can only make longer, by its settings that make them longest. */
Test(image_zip, nothing_honest_is_padding)
{
	static const struct {
		int level, memory, strategy;
	} settings[] = {
		{ 0, 1, Z_DEFAULT_STRATEGY }, { 1, 1, Z_FIXED }, { 9, 1, Z_HUFFMAN_ONLY },
		{ 6, 8, Z_DEFAULT_STRATEGY }, { 9, 9, Z_FIXED },
	};
	char content[5000] = "";
	uint8_t packed[FILE_MAX], file[FILE_MAX];

	for (size_t i = 0; i < sizeof(content) - 1; i++)
		content[i] = (char)(144 + rand() % 112);
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		z_stream stream = { .next_in = (uint8_t *)content,
				    .avail_in = sizeof(content) - 1,
				    .next_out = packed };
		struct byte_source source = { .fd = -1, .memory = file };
		_cleanup_free_ char *read = NULL;
		size_t length = 0;

		stream.avail_out = sizeof(packed);
		cr_assert_eq(deflateInit2(&stream, settings[i].level, Z_DEFLATED, -9, settings[i].memory,
					  settings[i].strategy),
			     Z_OK);
		cr_assert_eq(deflate(&stream, Z_FINISH), Z_STREAM_END);
		deflateEnd(&stream);
		source.size = make_zip(file, packed, stream.total_out, content);
		cr_expect_eq(zip_read_entry(&source, "a", sizeof(content) - 1, &read, &length, &reason), 0, "%zu: %s",
			     i, reason.text);
	}
}
