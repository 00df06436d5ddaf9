/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "rpcbinder/parcel.h"

static struct parcel_writer writer;
static struct parcel_reader reader;

static void begin(void)
{
	parcel_writer_init(&writer, 2);
}

static void end(void)
{
	parcel_writer_free(&writer);
}

#define CASE(name) Test(rpc_parcel, name, .init = begin, .fini = end)

static void read_written(void)
{
	uint8_t table[4 * RPC_MAX_OBJECTS];

	cr_assert_eq(writer.status, RPC_OK);
	for (size_t i = 0; i < writer.object_count; i++)
		put_le32(table + 4 * i, writer.objects[i]);
	parcel_reader_init(&reader, writer.data, writer.size, writer.version);
	cr_assert(parcel_reader_set_objects(&reader, table, writer.object_count));
	reader.fds = writer.fds;
	reader.fd_count = writer.fd_count;
}

static void expect_string(const char *text)
{
	const uint8_t *units;
	size_t count;
	char copy[64];
	ptrdiff_t size = parcel_read_string(&reader, &units, &count);

	if (!text) {
		cr_expect_eq(size, -1);
		return;
	}
	cr_assert_eq(size, (ptrdiff_t)strlen(text), "%s", text);
	parcel_string_copy(units, count, copy);
	cr_expect_str_eq(copy, text);
}

CASE(what_is_written_is_read)
{
	size_t size;
	bool null;

	parcel_write_i32(&writer, -5);
	parcel_write_i64(&writer, INT64_MIN + 1);
	parcel_write_i32(&writer, 1);
	parcel_write_string(&writer, "vm");
	parcel_write_string(&writer, "");
	parcel_write_string(&writer, NULL);
	parcel_write_string(&writer, "rich \u00fc\U0001f600 \u20ac");
	parcel_write_bytes(&writer, "abcde", 5);
	parcel_write_bytes(&writer, NULL, 0);
	parcel_write_fd(&writer, -1);
	parcel_write_fd(&writer, open("/dev/null", O_RDONLY | O_CLOEXEC));
	parcel_write_binder(&writer, 0);
	parcel_write_binder(&writer, 3 | UINT64_C(7) << 32);
	read_written();
	cr_expect_eq(parcel_read_i32(&reader), -5);
	cr_expect_eq(parcel_read_i64(&reader), INT64_MIN + 1);
	cr_expect(parcel_read_bool(&reader));
	expect_string("vm");
	expect_string("");
	expect_string(NULL);
	expect_string("rich \u00fc\U0001f600 \u20ac");
	cr_expect_eq(memcmp(parcel_read_bytes(&reader, &size, &null), "abcde", 5), 0);
	cr_expect(size == 5 && !null);
	parcel_read_bytes(&reader, &size, &null);
	cr_expect(null);
	cr_expect_eq(parcel_read_fd(&reader, &null), -1);
	cr_expect(null);
	cr_expect_eq(parcel_read_fd(&reader, &null), writer.fds[0]);
	cr_expect_eq(parcel_read_binder(&reader), 0);
	cr_expect_eq(parcel_read_binder(&reader), 3 | UINT64_C(7) << 32);
	cr_expect(parcel_read_end(&reader));
}

CASE(what_is_no_utf8_is_replaced)
{
	parcel_write_string(&writer, "a\xff\xc0\x80z\xed\xa0\x80");
	read_written();
	expect_string("a???z???");
}

/* Parcels of words, read as one item; the status that the reader must give. */
static void expect_status(const char *what, const uint32_t *words, size_t count, void (*read)(void), int32_t status)
{
	uint8_t bytes[256];

	for (size_t i = 0; i < count; i++)
		put_le32(bytes + 4 * i, words[i]);
	parcel_reader_init(&reader, bytes, 4 * count, 2);
	read();
	cr_expect_eq(reader.status, status, "%s: %d", what, reader.status);
	cr_expect_eq(parcel_read_i32(&reader), 0, "a reader that failed gives 0");
}

static void read_string(void)
{
	const uint8_t *units;
	size_t count;

	parcel_read_string(&reader, &units, &count);
}

static void read_bytes(void)
{
	size_t size;
	bool null;

	parcel_read_bytes(&reader, &size, &null);
}

static void read_bool(void)
{
	parcel_read_bool(&reader);
}

static void read_fd(void)
{
	bool null;

	parcel_read_fd(&reader, &null);
}

static void read_binder(void)
{
	parcel_read_binder(&reader);
}

static void read_count(void)
{
	parcel_read_count(&reader);
}

static void read_exception(void)
{
	const uint8_t *units;
	size_t count;
	int32_t specific;

	parcel_read_exception(&reader, &units, &count, &specific);
}

#define BAD(what, read, status, ...)                                                                     \
	do {                                                                                             \
		static const uint32_t words[] = { __VA_ARGS__ };                                         \
		expect_status(what, words, sizeof(words) / sizeof(words[0]), read, status);              \
	} while (0)

CASE(malformed_items)
{
	BAD("a string of 2 Gi units", read_string, RPC_NOT_ENOUGH_DATA, 0x7fffffff, 0);
	BAD("a string of a negative length", read_string, RPC_BAD_VALUE, 0xfffffffe, 0);
	BAD("a string that ends the parcel before its NUL", read_string, RPC_NOT_ENOUGH_DATA, 2, 0x00620061);
	BAD("a string without NUL", read_string, RPC_BAD_VALUE, 1, 0x00610061);
	BAD("a string with a NUL in it", read_string, RPC_BAD_VALUE, 1, 0);
	BAD("padding that is not 0", read_string, RPC_BAD_VALUE, 0, 0x00010000);
	BAD("half of a pair of surrogates", read_string, RPC_BAD_VALUE, 1, 0x0000d83d);
	BAD("the other half", read_string, RPC_BAD_VALUE, 1, 0x0000de00);
	BAD("bytes beyond the end", read_bytes, RPC_NOT_ENOUGH_DATA, 5, 0);
	BAD("bytes of a negative number", read_bytes, RPC_BAD_VALUE, 0x80000000, 0);
	BAD("bytes whose padding is not 0", read_bytes, RPC_BAD_VALUE, 1, 0x100);
	BAD("more elements than fit", read_count, RPC_NOT_ENOUGH_DATA, 3, 0, 0);
	BAD("a boolean of 2", read_bool, RPC_BAD_VALUE, 2);
	BAD("a descriptor that is no listed object", read_fd, RPC_BAD_TYPE, 1, 0, 2, 0);
	BAD("a descriptor with a socket for reports", read_fd, RPC_BAD_VALUE, 1, 1, 2, 0);
	BAD("a binder that is no listed object", read_binder, RPC_BAD_TYPE, 1, 3, 0, 12);
	BAD("a null binder with a stability", read_binder, RPC_BAD_TYPE, 0, 12);
	BAD("an exception without its end", read_exception, RPC_NOT_ENOUGH_DATA, 0xfffffffb, 0xffffffff);
	BAD("a stack trace of 2 bytes", read_exception, RPC_BAD_VALUE, 0xfffffffb, 0xffffffff, 2);
	BAD("a stack trace beyond the end", read_exception, RPC_NOT_ENOUGH_DATA, 0xfffffffb, 0xffffffff, 400);
	BAD("nothing at all", read_bool, RPC_NOT_ENOUGH_DATA, );
}

CASE(exceptions)
{
	const uint8_t *units;
	size_t count;
	int32_t specific;

	parcel_write_exception(&writer, RPC_EX_SERVICE_SPECIFIC, "port not allowed", -1);
	parcel_write_exception(&writer, RPC_EX_ILLEGAL_STATE, NULL, 0);
	parcel_write_i32(&writer, RPC_EX_HAS_REPLY_HEADER);
	parcel_write_i32(&writer, 8);
	parcel_write_i32(&writer, 99);
	parcel_write_exception(&writer, RPC_EX_NONE, NULL, 0);
	read_written();
	cr_expect_eq(parcel_read_exception(&reader, &units, &count, &specific), RPC_EX_SERVICE_SPECIFIC);
	cr_expect(units && count == 16 && specific == -1);
	cr_expect_eq(parcel_read_exception(&reader, &units, &count, &specific), RPC_EX_ILLEGAL_STATE);
	cr_expect(!units && specific == 0);
	cr_expect_eq(parcel_read_exception(&reader, &units, &count, &specific), RPC_EX_NONE, "a header of Java's");
	cr_expect_eq(parcel_read_exception(&reader, &units, &count, &specific), RPC_EX_NONE);
	cr_expect(parcel_read_end(&reader));
}

/* An object's bytes are not read as numbers, nor left unread. */
CASE(objects_are_no_plain_data)
{
	parcel_write_fd(&writer, open("/dev/null", O_RDONLY | O_CLOEXEC));
	read_written();
	parcel_read_i32(&reader);
	parcel_read_i64(&reader);
	cr_expect_eq(reader.status, RPC_BAD_VALUE);
	read_written();
	parcel_skip(&reader, writer.size);
	cr_expect(parcel_read_end(&reader), "skipped as a whole");
	read_written();
	cr_expect_not(parcel_read_end(&reader));
}

/* A descriptor is given once. */
CASE(one_descriptor_twice)
{
	bool null;

	parcel_write_fd(&writer, open("/dev/null", O_RDONLY | O_CLOEXEC));
	parcel_write_fd(&writer, open("/dev/null", O_RDONLY | O_CLOEXEC));
	put_le32(writer.data + writer.objects[1] + 4, 0);
	read_written();
	int fd = parcel_take_fd(&reader, parcel_read_fd(&reader, &null));
	cr_expect_geq(fd, 0);
	cr_expect_eq(parcel_read_fd(&reader, &null), -1);
	cr_expect_eq(reader.status, RPC_BAD_VALUE);
	close(fd);
}

CASE(a_parcel_is_bounded)
{
	static char text[60000];

	memset(text, 'a', sizeof(text) - 1);
	parcel_write_string(&writer, text);
	cr_expect_eq(writer.status, RPC_BAD_VALUE, "120 KB: more than Android 15 takes");
	cr_expect_leq(writer.size, RPC_MAX_SENT_BODY);
	parcel_writer_free(&writer);
	for (int i = 0; i <= RPC_MAX_FDS; i++)
		parcel_write_fd(&writer, dup(0));
	cr_expect_eq(writer.status, RPC_BAD_VALUE);
	cr_expect_eq(writer.fd_count, RPC_MAX_FDS);
}
