/* SPDX-License-Identifier: Apache-2.0 */
#include "rpcbinder/parcel.h"

static size_t padded(size_t size)
{
	return (size + 3) & ~(size_t)3;
}

void parcel_reader_init(struct parcel_reader *ret, const uint8_t *data, size_t size, uint32_t version)
{
	memset(ret, 0, sizeof(*ret));
	ret->data = data ? data : (const uint8_t *)""; /* an empty parcel may have none */
	ret->size = size;
	ret->version = version;
}

/* 0: no object of this version. */
static size_t object_size(const struct parcel_reader *reader, uint32_t type)
{
	if (type == RPC_OBJECT_FD)
		return RPC_FD_OBJECT_BYTES;
	return type == RPC_OBJECT_BINDER && reader->version >= 2 ? RPC_BINDER_OBJECT_BYTES : 0;
}

bool parcel_reader_set_objects(struct parcel_reader *reader, const uint8_t *table, size_t count)
{
	size_t free_from = 0; /* where the next object may start */

	if (count > RPC_MAX_OBJECTS)
		return false;
	for (size_t i = 0; i < count; i++) {
		size_t at = get_le32(table + 4 * i), size;

		if (at % 4 || at < free_from || at > reader->size || reader->size - at < 4)
			return false;
		size = object_size(reader, get_le32(reader->data + at));
		if (!size || reader->size - at < size)
			return false;
		free_from = at + size;
		reader->objects[i] = (uint32_t)at;
	}
	reader->object_count = count;
	return true;
}

size_t parcel_reader_listed_fds(const struct parcel_reader *reader)
{
	size_t count = 0;

	for (size_t i = 0; i < reader->object_count; i++)
		count += get_le32(reader->data + reader->objects[i]) == RPC_OBJECT_FD;
	return count;
}

void parcel_reader_fail(struct parcel_reader *reader, int32_t status)
{
	if (reader->status == RPC_OK)
		reader->status = status;
}

/* SIZE bytes, objects or not; NULL: a failure. */
static const uint8_t *take_any(struct parcel_reader *reader, size_t size)
{
	const uint8_t *at = reader->data + reader->at;

	if (reader->status != RPC_OK)
		return NULL;
	if (reader->size - reader->at < size) {
		parcel_reader_fail(reader, RPC_NOT_ENOUGH_DATA);
		return NULL;
	}
	reader->at += size;
	return at;
}

/* SIZE bytes of plain data: an object's bytes are not read as that. */
static const uint8_t *take(struct parcel_reader *reader, size_t size)
{
	if (reader->next_object < reader->object_count && size > reader->objects[reader->next_object] - reader->at) {
		parcel_reader_fail(reader, RPC_BAD_VALUE);
		return NULL;
	}
	return take_any(reader, size);
}

/* The bytes of an object of TYPE, which has to be listed. */
static const uint8_t *take_object(struct parcel_reader *reader, uint32_t type)
{
	const uint8_t *at = reader->data + reader->at;

	if (reader->status != RPC_OK)
		return NULL;
	if (reader->next_object == reader->object_count || reader->objects[reader->next_object] != reader->at ||
	    get_le32(at) != type) {
		parcel_reader_fail(reader, RPC_BAD_TYPE);
		return NULL;
	}
	reader->next_object++;
	return take_any(reader, object_size(reader, type));
}

int32_t parcel_read_i32(struct parcel_reader *reader)
{
	const uint8_t *at = take(reader, 4);

	return at ? (int32_t)get_le32(at) : 0;
}

int64_t parcel_read_i64(struct parcel_reader *reader)
{
	const uint8_t *at = take(reader, 8);

	return at ? (int64_t)get_le64(at) : 0;
}

bool parcel_read_bool(struct parcel_reader *reader)
{
	uint32_t value = (uint32_t)parcel_read_i32(reader);

	if (value > 1)
		parcel_reader_fail(reader, RPC_BAD_VALUE);
	return value == 1;
}

/* The size of an array or string in elements; -1 and no failure: null. */
static ptrdiff_t read_length(struct parcel_reader *reader, size_t element)
{
	int32_t count = parcel_read_i32(reader);

	if (count < -1)
		parcel_reader_fail(reader, RPC_BAD_VALUE);
	else if (count > 0 && (size_t)count > (reader->size - reader->at) / element)
		parcel_reader_fail(reader, RPC_NOT_ENOUGH_DATA);
	return reader->status == RPC_OK ? count : 0;
}

static bool is_zero(const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (bytes[i])
			return false;
	return true;
}

/* SIZE bytes and their padding, which is zero. */
static const uint8_t *take_padded(struct parcel_reader *reader, size_t size)
{
	const uint8_t *at = take(reader, padded(size));

	if (at && !is_zero(at + size, padded(size) - size)) {
		parcel_reader_fail(reader, RPC_BAD_VALUE);
		at = NULL;
	}
	return at;
}

const uint8_t *parcel_read_bytes(struct parcel_reader *reader, size_t *ret_size, bool *ret_null)
{
	ptrdiff_t size = read_length(reader, 1);
	const uint8_t *bytes;

	*ret_null = size < 0;
	*ret_size = 0;
	if (size < 0)
		return NULL;
	bytes = take_padded(reader, (size_t)size);
	if (bytes)
		*ret_size = (size_t)size;
	return bytes;
}

static uint32_t unit_at(const uint8_t *units, size_t i)
{
	return units[2 * i] | (uint32_t)units[2 * i + 1] << 8;
}

/*
 * The character at unit *I, which is moved past it.  The unit after the last is a NUL, so looking at a surrogate's partner
 * is allowed.  0: malformed.
 */
static uint32_t next_character(const uint8_t *units, size_t *i)
{
	uint32_t c = unit_at(units, (*i)++), low;

	if (c < 0xd800 || c > 0xdfff)
		return c;
	low = unit_at(units, *i);
	if (c > 0xdbff || low < 0xdc00 || low > 0xdfff)
		return 0;
	(*i)++;
	return 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
}

static size_t utf8_size(uint32_t c)
{
	return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
}

ptrdiff_t parcel_read_string(struct parcel_reader *reader, const uint8_t **ret_units, size_t *ret_count)
{
	ptrdiff_t count = read_length(reader, 2);
	const uint8_t *units;
	size_t bytes = 0;

	*ret_units = NULL;
	*ret_count = 0;
	if (reader->status != RPC_OK)
		return 0;
	if (count < 0)
		return -1;
	units = take_padded(reader, 2 * ((size_t)count + 1));
	if (!units)
		return 0;
	if (unit_at(units, (size_t)count) != 0)
		parcel_reader_fail(reader, RPC_BAD_VALUE);
	for (size_t i = 0; i < (size_t)count && reader->status == RPC_OK;) {
		uint32_t c = next_character(units, &i);

		if (!c)
			parcel_reader_fail(reader, RPC_BAD_VALUE);
		bytes += utf8_size(c);
	}
	if (reader->status != RPC_OK)
		return 0;
	*ret_units = units;
	*ret_count = (size_t)count;
	return (ptrdiff_t)bytes;
}

void parcel_string_copy(const uint8_t *units, size_t count, char *text)
{
	static const uint8_t first[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

	for (size_t i = 0; i < count;) {
		uint32_t c = next_character(units, &i);
		size_t size = utf8_size(c);

		for (size_t k = size; --k > 0; c >>= 6)
			text[k] = (char)(0x80 | (c & 0x3f));
		text[0] = (char)(first[size] | c);
		text += size;
	}
	*text = '\0';
}

bool parcel_read_is_string(struct parcel_reader *reader, const char *text)
{
	const uint8_t *units;
	size_t count;

	if (parcel_read_string(reader, &units, &count) < 0 || !units || count != strlen(text))
		return false;
	for (size_t i = 0; i < count; i++)
		if (unit_at(units, i) != (uint8_t)text[i])
			return false;
	return true;
}

ptrdiff_t parcel_read_count(struct parcel_reader *reader)
{
	return read_length(reader, 4);
}

int parcel_read_fd(struct parcel_reader *reader, bool *ret_null)
{
	const uint8_t *object;
	uint32_t index;

	*ret_null = !parcel_read_bool(reader);
	if (*ret_null)
		return -1;
	/* Not 0: a socket for status reports follows, which only Java's "reliable" pipes have. */
	if (parcel_read_i32(reader) != 0)
		parcel_reader_fail(reader, RPC_BAD_VALUE);
	object = take_object(reader, RPC_OBJECT_FD);
	if (!object)
		return -1;
	index = get_le32(object + 4);
	if (index >= reader->fd_count || reader->fds[index] < 0) {
		parcel_reader_fail(reader, RPC_BAD_VALUE);
		return -1;
	}
	return reader->fds[index];
}

int parcel_take_fd(struct parcel_reader *reader, int fd)
{
	for (size_t i = 0; i < reader->fd_count; i++)
		if (fd >= 0 && reader->fds[i] == fd) {
			reader->fds[i] = -1;
			return fd;
		}
	return -1;
}

/* Version 1 does not list binders. */
static const uint8_t *take_binder(struct parcel_reader *reader)
{
	const uint8_t *object;

	if (reader->version >= 2)
		return take_object(reader, RPC_OBJECT_BINDER);
	object = take(reader, RPC_BINDER_OBJECT_BYTES);
	if (object && get_le32(object) != RPC_OBJECT_BINDER) {
		parcel_reader_fail(reader, RPC_BAD_TYPE);
		object = NULL;
	}
	return object;
}

uint64_t parcel_read_binder(struct parcel_reader *reader)
{
	const uint8_t *object;
	uint64_t address;
	int32_t stability;

	if (reader->status == RPC_OK && reader->size - reader->at >= 4 && !get_le32(reader->data + reader->at)) {
		if (parcel_read_i32(reader) != RPC_OBJECT_NONE || parcel_read_i32(reader) != 0)
			parcel_reader_fail(reader, RPC_BAD_TYPE);
		return 0;
	}
	object = take_binder(reader);
	stability = parcel_read_i32(reader);
	if (!object || reader->status != RPC_OK)
		return 0;
	address = get_le64(object + 4);
	if (reader->version < 2 && reader->count_binder)
		parcel_reader_fail(reader, reader->count_binder(reader->count_data, address));
	if (stability != RPC_STABILITY_VENDOR && stability != RPC_STABILITY_SYSTEM && stability != RPC_STABILITY_VINTF)
		parcel_reader_fail(reader, RPC_BAD_TYPE);
	return reader->status == RPC_OK ? address : 0;
}

void parcel_skip(struct parcel_reader *reader, size_t size)
{
	if (!take_any(reader, size))
		return;
	while (reader->next_object < reader->object_count && reader->objects[reader->next_object] < reader->at)
		reader->next_object++;
}

bool parcel_read_end(struct parcel_reader *reader)
{
	if (reader->at != reader->size || reader->next_object != reader->object_count)
		parcel_reader_fail(reader, RPC_BAD_VALUE);
	return reader->status == RPC_OK;
}

/* Headers of Java's before the exception: a size, itself included, and what it covers. */
static void skip_sized(struct parcel_reader *reader)
{
	uint32_t size = (uint32_t)parcel_read_i32(reader);

	if (size >= 4)
		parcel_skip(reader, size - 4);
	else if (size)
		parcel_reader_fail(reader, RPC_BAD_VALUE);
}

int32_t parcel_read_exception(struct parcel_reader *reader, const uint8_t **ret_text_units, size_t *ret_count,
			      int32_t *ret_specific)
{
	int32_t exception = parcel_read_i32(reader);

	*ret_text_units = NULL;
	*ret_count = 0;
	*ret_specific = 0;
	if (exception == RPC_EX_HAS_NOTED_APPOPS_HEADER) {
		skip_sized(reader);
		exception = parcel_read_i32(reader);
	}
	if (exception == RPC_EX_HAS_REPLY_HEADER) {
		skip_sized(reader);
		exception = RPC_EX_NONE;
	}
	if (exception == RPC_EX_NONE)
		return exception;
	parcel_read_string(reader, ret_text_units, ret_count);
	skip_sized(reader); /* a stack trace */
	if (exception == RPC_EX_SERVICE_SPECIFIC)
		*ret_specific = parcel_read_i32(reader);
	return exception;
}
