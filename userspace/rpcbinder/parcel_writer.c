/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "common/cleanup.h"
#include "common/utf8.h"
#include "rpcbinder/parcel.h"

void parcel_writer_init(struct parcel_writer *ret, uint32_t version)
{
	memset(ret, 0, sizeof(*ret));
	ret->version = version;
}

void parcel_writer_free(struct parcel_writer *writer)
{
	for (size_t i = 0; i < writer->fd_count; i++)
		close_fd(writer->fds[i]);
	free(writer->data);
	parcel_writer_init(writer, writer->version);
}

void parcel_writer_fail(struct parcel_writer *writer, int32_t status)
{
	if (writer->status == RPC_OK)
		writer->status = status;
}

static bool make_room(struct parcel_writer *writer, size_t size)
{
	size_t capacity = writer->capacity ? writer->capacity : 256;
	uint8_t *data;

	while (capacity < writer->size + size)
		capacity *= 2;
	if (capacity == writer->capacity)
		return true;
	data = realloc(writer->data, capacity);
	if (!data)
		return false;
	writer->data = data;
	writer->capacity = capacity;
	return true;
}

/* SIZE bytes of zero at the end, rounded up; NULL: a failure. */
static uint8_t *extend(struct parcel_writer *writer, size_t size)
{
	size_t whole;
	uint8_t *at;

	if (writer->status != RPC_OK)
		return NULL;
	/* Less what goes around it: the head and the object table. */
	if (size > RPC_MAX_SENT_BODY - RPC_TRANSACT_BYTES - 4 * RPC_MAX_OBJECTS - 4 - writer->size) {
		parcel_writer_fail(writer, RPC_BAD_VALUE);
		return NULL;
	}
	whole = (size + 3) & ~(size_t)3;
	if (!make_room(writer, whole)) {
		parcel_writer_fail(writer, RPC_NO_MEMORY);
		return NULL;
	}
	at = writer->data + writer->size;
	memset(at, 0, whole);
	writer->size += whole;
	return at;
}

void parcel_write_i32(struct parcel_writer *writer, int32_t value)
{
	uint8_t *at = extend(writer, 4);

	if (at)
		put_le32(at, (uint32_t)value);
}

void parcel_write_i64(struct parcel_writer *writer, int64_t value)
{
	uint8_t *at = extend(writer, 8);

	if (at)
		put_le64(at, (uint64_t)value);
}

void parcel_write_bytes(struct parcel_writer *writer, const void *bytes, size_t size)
{
	uint8_t *at;

	if (!bytes) {
		parcel_write_i32(writer, -1);
		return;
	}
	if (size > RPC_MAX_SENT_BODY) {
		parcel_writer_fail(writer, RPC_BAD_VALUE);
		return;
	}
	parcel_write_i32(writer, (int32_t)size);
	at = extend(writer, size);
	if (at && size)
		memcpy(at, bytes, size);
}

/* The character at *TEXT, which is moved past it; '?' for a byte that is no UTF-8. */
static uint32_t decode_utf8(const char **text)
{
	uint32_t c = '?';
	int size = utf8_next(*text, &c);

	*text += size < 0 ? 1 : size;
	return c;
}

static size_t utf16_count(const char *text)
{
	size_t count = 0;

	while (*text)
		count += decode_utf8(&text) > 0xffff ? 2 : 1;
	return count;
}

static uint8_t *put_unit(uint8_t *at, uint32_t unit)
{
	at[0] = (uint8_t)unit;
	at[1] = (uint8_t)(unit >> 8);
	return at + 2;
}

void parcel_write_string(struct parcel_writer *writer, const char *text)
{
	uint8_t *at;
	size_t count;

	if (!text) {
		parcel_write_i32(writer, -1);
		return;
	}
	count = utf16_count(text);
	if (count > RPC_MAX_SENT_BODY) {
		parcel_writer_fail(writer, RPC_BAD_VALUE);
		return;
	}
	parcel_write_i32(writer, (int32_t)count);
	at = extend(writer, 2 * (count + 1));
	while (at && *text) {
		uint32_t c = decode_utf8(&text);

		if (c > 0xffff) {
			at = put_unit(at, 0xd800 + ((c - 0x10000) >> 10));
			c = 0xdc00 + ((c - 0x10000) & 0x3ff);
		}
		at = put_unit(at, c);
	}
}

/* The next object starts here. */
static void list_object(struct parcel_writer *writer)
{
	if (writer->object_count == RPC_MAX_OBJECTS)
		parcel_writer_fail(writer, RPC_BAD_VALUE);
	else
		writer->objects[writer->object_count++] = (uint32_t)writer->size;
}

void parcel_write_fd(struct parcel_writer *writer, int fd)
{
	if (fd < 0) {
		parcel_write_i32(writer, 0);
		return;
	}
	if (writer->fd_count == RPC_MAX_FDS || writer->status != RPC_OK) {
		close_fd(fd);
		parcel_writer_fail(writer, RPC_BAD_VALUE);
		return;
	}
	parcel_write_i32(writer, 1);
	parcel_write_i32(writer, 0); /* no socket for status reports */
	list_object(writer);
	parcel_write_i32(writer, RPC_OBJECT_FD);
	parcel_write_i32(writer, (int32_t)writer->fd_count);
	writer->fds[writer->fd_count++] = fd;
}

void parcel_write_binder(struct parcel_writer *writer, uint64_t address)
{
	if (!address) {
		parcel_write_i64(writer, 0);
		return;
	}
	if (writer->binder_count == sizeof(writer->binders) / sizeof(writer->binders[0])) {
		parcel_writer_fail(writer, RPC_BAD_VALUE);
		return;
	}
	if (writer->version >= 2)
		list_object(writer);
	parcel_write_i32(writer, RPC_OBJECT_BINDER);
	parcel_write_i64(writer, (int64_t)address);
	parcel_write_i32(writer, RPC_STABILITY_SYSTEM);
	writer->binders[writer->binder_count++] = address;
}

size_t parcel_write_size_begin(struct parcel_writer *writer)
{
	size_t begin = writer->size;

	parcel_write_i32(writer, 0);
	return begin;
}

void parcel_write_size_end(struct parcel_writer *writer, size_t begin)
{
	if (writer->status == RPC_OK)
		put_le32(writer->data + begin, (uint32_t)(writer->size - begin));
}

void parcel_write_exception(struct parcel_writer *writer, enum rpc_exception exception, const char *text,
			    int32_t specific)
{
	parcel_write_i32(writer, exception);
	if (exception == RPC_EX_NONE)
		return;
	parcel_write_string(writer, text);
	parcel_write_i32(writer, 0); /* no stack trace */
	if (exception == RPC_EX_SERVICE_SPECIFIC)
		parcel_write_i32(writer, specific);
}
