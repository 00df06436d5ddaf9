/* SPDX-License-Identifier: Apache-2.0 */
#include "image/zip_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "common/cleanup.h"
#include "common/byte_order.h"

enum {
	END_BYTES = 22, /* without its comment */
	COMMENT_MAX = 65535,
	ENTRY_BYTES = 46, /* of a directory entry, without name, extra field and comment */
	LOCAL_BYTES = 30, /* of a local header, without name and extra field */
	END_MAGIC = 0x06054b50,
	ENTRY_MAGIC = 0x02014b50,
	LOCAL_MAGIC = 0x04034b50,
	FLAG_ENCRYPTED = 1 << 0,
	METHOD_STORED = 0,
	METHOD_DEFLATED = 8,
	ZIP64_COUNT = 0xffff,
	INPUT_BYTES = 16384, /* of compressed data at a time */
};

/* An entry, as the directory has it. */
struct entry {
	const uint8_t *name;
	uint32_t name_length;
	uint32_t flags, method, crc;
	uint32_t packed, size; /* bytes in the file, and unpacked */
	uint64_t header;       /* offset of its local header */
};

static int truncated(struct reason *reason, int error)
{
	return refuse(reason, error, "it can't be read: %s", strerror(-error));
}

/* The last record that reaches exactly to the end of the file. */
static const uint8_t *find_end(const uint8_t *tail, size_t size)
{
	for (size_t i = size - END_BYTES + 1; i-- > 0;)
		if (get_le32(tail + i) == END_MAGIC && i + END_BYTES + get_le16(tail + i + 20) == size)
			return tail + i;
	return NULL;
}

int zip_find_directory(const struct byte_source *source, struct zip_directory *ret, struct reason *reason)
{
	size_t size = source->size < END_BYTES + COMMENT_MAX ? (size_t)source->size : END_BYTES + COMMENT_MAX;
	_cleanup_free_ uint8_t *tail = NULL;
	const uint8_t *end;
	int r;

	if (size < END_BYTES)
		return refuse(reason, -EBADMSG, "it is too short for an APK");
	tail = malloc(size);
	if (!tail)
		return refuse(reason, -ENOMEM, "no memory to read the APK");
	r = byte_source_read(source, tail, size, source->size - size);
	if (r < 0)
		return truncated(reason, r);
	end = find_end(tail, size);
	if (!end)
		return refuse(reason, -EBADMSG, "it is no APK: zip's end of central directory is missing");
	*ret = (struct zip_directory){
		.offset = get_le32(end + 16),
		.size = get_le32(end + 12),
		.end = source->size - size + (uint64_t)(end - tail),
		.entries = get_le16(end + 10),
		.split = get_le32(end + 4) != 0 || get_le16(end + 8) != get_le16(end + 10),
	};
	return 0;
}

static int read_directory(const struct byte_source *source, struct zip_directory *directory, uint8_t **ret,
			  struct reason *reason)
{
	_cleanup_free_ uint8_t *bytes = NULL;
	int r = zip_find_directory(source, directory, reason);

	if (r < 0)
		return r;
	if (directory->split || directory->entries == ZIP64_COUNT)
		return refuse(reason, -EBADMSG, "it is a zip file of several disks, or of more than 65534 entries");
	if (directory->offset + directory->size != directory->end)
		return refuse(reason, -EBADMSG, "its central directory does not reach to zip's end of it");
	if (directory->size > ZIP_DIRECTORY_MAX)
		return refuse(reason, -EFBIG, "its central directory has more than %d bytes", ZIP_DIRECTORY_MAX);
	bytes = malloc((size_t)directory->size + 1);
	if (!bytes)
		return refuse(reason, -ENOMEM, "no memory to read the APK");
	r = byte_source_read(source, bytes, (size_t)directory->size, directory->offset);
	if (r < 0)
		return truncated(reason, r);
	*ret = steal_pointer(bytes);
	return 0;
}

/* Reads the entry at AT, with LEFT bytes before the directory's end; how many it takes, or 0: it is malformed. */
static size_t parse_entry(const uint8_t *at, size_t left, struct entry *ret)
{
	size_t size;

	if (left < ENTRY_BYTES || get_le32(at) != ENTRY_MAGIC)
		return 0;
	*ret = (struct entry){
		.name = at + ENTRY_BYTES,
		.name_length = get_le16(at + 28),
		.flags = get_le16(at + 8),
		.method = get_le16(at + 10),
		.crc = get_le32(at + 16),
		.packed = get_le32(at + 20),
		.size = get_le32(at + 24),
		.header = get_le32(at + 42),
	};
	size = ENTRY_BYTES + (size_t)ret->name_length + get_le16(at + 30) + get_le16(at + 32);
	return size <= left ? size : 0;
}

/* All entries are looked at: one that is malformed, or a second one of this name, makes the file ambiguous. */
static int find_entry(const uint8_t *directory, const struct zip_directory *where, const char *name, struct entry *ret,
		      struct reason *reason)
{
	size_t at = 0, left = (size_t)where->size;
	bool found = false;

	for (uint32_t i = 0; i < where->entries; i++) {
		struct entry entry;
		size_t size = parse_entry(directory + at, left, &entry);

		if (!size)
			return refuse(reason, -EBADMSG, "entry %u of its central directory is malformed", i);
		at += size;
		left -= size;
		if (entry.name_length != strlen(name) || memcmp(entry.name, name, entry.name_length) != 0)
			continue;
		if (found)
			return refuse(reason, -EBADMSG, "it has more than one %s", name);
		found = true;
		*ret = entry;
	}
	if (left)
		return refuse(reason, -EBADMSG, "its central directory has more than its %u entries", where->entries);
	return found ? 0 : refuse(reason, -ENOENT, "it has no %s", name);
}

/*
 * What deflate makes of SIZE bytes at most: deflateBound() of zlib allows an eighth more for its worst settings, with 9 bits for each
 * byte, and a few bytes for the frame.  More is padding, such as empty blocks, which takes time to unpack and gives nothing.
 */
static uint64_t deflate_bound(size_t size)
{
	return (uint64_t)size + size / 8 + 64;
}

static int check_entry(const struct entry *entry, const char *name, size_t max, struct reason *reason)
{
	if (entry->flags & FLAG_ENCRYPTED)
		return refuse(reason, -EBADMSG, "%s is encrypted", name);
	if (entry->method != METHOD_STORED && entry->method != METHOD_DEFLATED)
		return refuse(reason, -EBADMSG, "%s is compressed by method %u; stored and deflated are possible", name,
			      entry->method);
	if (entry->method == METHOD_STORED && entry->packed != entry->size)
		return refuse(reason, -EBADMSG, "%s is stored, and has two sizes", name);
	if (entry->size > max)
		return refuse(reason, -EFBIG, "%s has %u bytes; at most %zu are possible", name, entry->size, max);
	if (entry->method == METHOD_DEFLATED && entry->packed > deflate_bound(max))
		return refuse(reason, -EFBIG, "%s has %u packed bytes; at most %zu unpacked ones do not need as many",
			      name, entry->packed, max);
	return 0;
}

/* Where the entry's data begins.  The local header's sizes and CRC may be 0: they follow the data then. */
static int find_data(const struct byte_source *source, const struct zip_directory *directory, const struct entry *entry,
		     uint64_t *ret, struct reason *reason)
{
	_cleanup_free_ uint8_t *name = malloc((size_t)entry->name_length + 1);
	uint8_t header[LOCAL_BYTES];
	uint64_t at;

	if (!name)
		return refuse(reason, -ENOMEM, "no memory to read the APK");
	if (byte_source_read(source, header, sizeof(header), entry->header) < 0 || get_le32(header) != LOCAL_MAGIC ||
	    get_le16(header + 8) != entry->method || (get_le16(header + 6) & FLAG_ENCRYPTED) ||
	    get_le16(header + 26) != entry->name_length ||
	    byte_source_read(source, name, entry->name_length, entry->header + LOCAL_BYTES) < 0 ||
	    memcmp(name, entry->name, entry->name_length) != 0)
		return refuse(reason, -EBADMSG, "an entry's local header is not what its central directory says");
	at = entry->header + LOCAL_BYTES + entry->name_length + get_le16(header + 28);
	if (at > directory->offset || entry->packed > directory->offset - at)
		return refuse(reason, -EBADMSG, "an entry's data reaches into its central directory");
	*ret = at;
	return 0;
}

/* Inflates the PACKED bytes at AT to exactly OUT->avail_out ones. */
static int inflate_data(const struct byte_source *source, uint64_t at, uint32_t packed, z_stream *stream)
{
	uint8_t input[INPUT_BYTES];
	int r = Z_OK;

	while (r == Z_OK && packed) {
		uint32_t size = packed < sizeof(input) ? packed : (uint32_t)sizeof(input);
		int error = byte_source_read(source, input, size, at);

		if (error < 0)
			return error;
		stream->next_in = input;
		stream->avail_in = size;
		r = inflate(stream, Z_NO_FLUSH);
		at += size;
		packed -= size;
		if (r == Z_OK && stream->avail_in)
			return -EBADMSG; /* more than the directory says */
	}
	return r == Z_STREAM_END && !packed && !stream->avail_in && !stream->avail_out ? 0 : -EBADMSG;
}

static int unpack(const struct byte_source *source, uint64_t at, const struct entry *entry, uint8_t *bytes)
{
	z_stream stream = { .next_out = bytes, .avail_out = entry->size };
	int r;

	if (entry->method == METHOD_STORED)
		return byte_source_read(source, bytes, entry->size, at);
	if (inflateInit2(&stream, -MAX_WBITS) != Z_OK)
		return -ENOMEM;
	r = inflate_data(source, at, entry->packed, &stream);
	inflateEnd(&stream);
	return r;
}

static int read_data(const struct byte_source *source, uint64_t at, const struct entry *entry, const char *name,
		     char **ret, struct reason *reason)
{
	_cleanup_free_ char *bytes = calloc(1, (size_t)entry->size + 1);
	int r;

	if (!bytes)
		return refuse(reason, -ENOMEM, "no memory to read %s", name);
	r = unpack(source, at, entry, (uint8_t *)bytes);
	if (r < 0)
		return refuse(reason, r, "%s can't be unpacked: %s", name,
			      r == -EBADMSG ? "its data is damaged" : strerror(-r));
	if (crc32(0, (const uint8_t *)bytes, entry->size) != entry->crc)
		return refuse(reason, -EBADMSG, "%s can't be unpacked: its CRC-32 is wrong", name);
	*ret = steal_pointer(bytes);
	return 0;
}

int zip_read_entry(const struct byte_source *source, const char *name, size_t max, char **ret, size_t *ret_size,
		   struct reason *reason)
{
	_cleanup_free_ uint8_t *bytes = NULL;
	struct zip_directory directory;
	struct entry entry = { 0 };
	uint64_t data = 0;
	int r = read_directory(source, &directory, &bytes, reason);

	if (r < 0 || !bytes)
		return r;
	r = find_entry(bytes, &directory, name, &entry, reason);
	if (r == 0)
		r = check_entry(&entry, name, max, reason);
	if (r == 0)
		r = find_data(source, &directory, &entry, &data, reason);
	if (r == 0)
		r = read_data(source, data, &entry, name, ret, reason);
	if (r == 0)
		*ret_size = entry.size;
	return r;
}
