/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdlib.h>
#include <string.h>

#include "virtmgr/guest_decoder.h"

/* A stream of messages as a guest would send it. */
struct stream {
	uint8_t bytes[4096];
	size_t size;
};

static void add(struct stream *stream, uint8_t type, int32_t value, const char *text)
{
	struct evm_guest_header header = { EVM_GUEST_MAGIC, EVM_GUEST_VERSION, type, value, (uint32_t)strlen(text) };

	memcpy(stream->bytes + stream->size, &header, sizeof(header));
	memcpy(stream->bytes + stream->size + sizeof(header), text, strlen(text));
	stream->size += sizeof(header) + strlen(text);
}

static const struct {
	uint8_t type;
	int32_t value;
	const char *text;
} sent[] = {
	{ EVM_GUEST_STARTED, 0, "" }, { EVM_GUEST_LOG, 0, "one line" },      { EVM_GUEST_LOG, 0, "" },
	{ EVM_GUEST_READY, 0, "" },   { EVM_GUEST_ERROR, -7, "went wrong" }, { EVM_GUEST_FINISHED, INT32_MIN, "" },
};

enum { SENT = sizeof(sent) / sizeof(sent[0]) };

static struct stream all_kinds(void)
{
	struct stream stream = { .size = 0 };

	for (size_t i = 0; i < SENT; i++)
		add(&stream, sent[i].type, sent[i].value, sent[i].text);
	return stream;
}

/* Feeds STREAM in pieces of PIECE bytes; each is a buffer of its own, so that reading too far is found. */
static void expect_all(const struct stream *stream, size_t piece)
{
	struct guest_decoder decoder = { .length = 0 };
	struct guest_message message;
	size_t seen = 0;

	for (size_t at = 0; at < stream->size; at += piece) {
		size_t size = stream->size - at < piece ? stream->size - at : piece;
		uint8_t *copy = malloc(size);
		const uint8_t *bytes = memcpy(copy, stream->bytes + at, size);

		for (; guest_decode(&decoder, &bytes, &size, &message); seen++) {
			cr_assert_lt(seen, (size_t)SENT);
			cr_expect_eq(message.status, EVM_GUEST_OK);
			cr_expect_eq(message.type, sent[seen].type);
			cr_expect_eq(message.value, sent[seen].value);
			cr_expect_str_eq(message.text, sent[seen].text);
		}
		cr_expect_eq(size, 0, "all bytes were taken");
		free(copy);
	}
	cr_expect_eq(seen, (size_t)SENT, "pieces of %zu bytes", piece);
}

Test(virtmgr_guest_decoder, messages_may_come_in_pieces_of_any_size_and_together)
{
	struct stream stream = all_kinds();

	for (size_t piece = 1; piece <= stream.size; piece++)
		expect_all(&stream, piece);
}

Test(virtmgr_guest_decoder, the_longest_text_is_kept_whole)
{
	struct guest_decoder decoder = { .length = 0 };
	struct stream stream = { .size = 0 };
	const uint8_t *bytes = stream.bytes;
	struct guest_message message;
	char text[EVM_GUEST_TEXT_MAX + 1];

	memset(text, 't', EVM_GUEST_TEXT_MAX);
	text[EVM_GUEST_TEXT_MAX] = 0;
	add(&stream, EVM_GUEST_LOG, 0, text);
	cr_assert(guest_decode(&decoder, &bytes, &stream.size, &message));
	cr_expect_eq(message.status, EVM_GUEST_OK);
	cr_expect_str_eq(message.text, text);
}

Test(virtmgr_guest_decoder, a_text_is_one_printable_line)
{
	static const char text[] = "a\nb\x1b[2J\x7f\x80\xff";
	struct guest_decoder decoder = { .length = 0 };
	struct stream stream = { .size = 0 };
	const uint8_t *bytes = stream.bytes;
	struct guest_message message;

	add(&stream, EVM_GUEST_LOG, 0, text);
	stream.bytes[sizeof(struct evm_guest_header)] = 0; /* a NUL does not end it */
	cr_assert(guest_decode(&decoder, &bytes, &stream.size, &message));
	cr_expect_str_eq(message.text, "??b?[2J???");
}

struct bad {
	struct evm_guest_header header;
	size_t known; /* after how many bytes it is refused */
	enum evm_guest_status status;
};

ParameterizedTestParameters(virtmgr_guest_decoder, a_bad_header_is_refused_as_soon_as_it_is_seen)
{
	static struct bad bad[] = {
		{ { 0x4746, 1, EVM_GUEST_READY, 0, 0 }, 4, EVM_GUEST_BAD_MESSAGE },
		{ { EVM_GUEST_MAGIC, 0, EVM_GUEST_READY, 0, 0 }, 4, EVM_GUEST_BAD_VERSION },
		{ { EVM_GUEST_MAGIC, 2, EVM_GUEST_READY, 0, 0 }, 4, EVM_GUEST_BAD_VERSION },
		{ { EVM_GUEST_MAGIC, 2, 99, -1, UINT32_MAX }, 4, EVM_GUEST_BAD_VERSION },
		{ { EVM_GUEST_MAGIC, 1, 0, 0, 0 }, 4, EVM_GUEST_BAD_MESSAGE },
		{ { EVM_GUEST_MAGIC, 1, EVM_GUEST_LOG + 1, 0, 0 }, 4, EVM_GUEST_BAD_MESSAGE },
		{ { EVM_GUEST_MAGIC, 1, 255, 0, 0 }, 4, EVM_GUEST_BAD_MESSAGE },
		{ { EVM_GUEST_MAGIC, 1, EVM_GUEST_STARTED, 1, 0 }, 12, EVM_GUEST_BAD_MESSAGE },
		{ { EVM_GUEST_MAGIC, 1, EVM_GUEST_READY, -1, 0 }, 12, EVM_GUEST_BAD_MESSAGE },
		{ { EVM_GUEST_MAGIC, 1, EVM_GUEST_LOG, 1, 1 }, 12, EVM_GUEST_BAD_MESSAGE },
		{ { EVM_GUEST_MAGIC, 1, EVM_GUEST_STARTED, 0, 1 }, 12, EVM_GUEST_BAD_MESSAGE },
		{ { EVM_GUEST_MAGIC, 1, EVM_GUEST_FINISHED, 0, 1 }, 12, EVM_GUEST_BAD_MESSAGE },
		{ { EVM_GUEST_MAGIC, 1, EVM_GUEST_ERROR, 0, EVM_GUEST_TEXT_MAX + 1 }, 12, EVM_GUEST_BAD_MESSAGE },
		{ { EVM_GUEST_MAGIC, 1, EVM_GUEST_LOG, 0, EVM_GUEST_TEXT_MAX + 1 }, 12, EVM_GUEST_BAD_MESSAGE },
		{ { EVM_GUEST_MAGIC, 1, EVM_GUEST_LOG, 0, UINT32_MAX }, 12, EVM_GUEST_BAD_MESSAGE },
	};

	return cr_make_param_array(struct bad, bad, sizeof(bad) / sizeof(bad[0]));
}

ParameterizedTest(struct bad *bad, virtmgr_guest_decoder, a_bad_header_is_refused_as_soon_as_it_is_seen)
{
	struct guest_decoder decoder = { .length = 0 };
	struct guest_message message = { .status = EVM_GUEST_OK };
	const uint8_t *bytes = (const uint8_t *)&bad->header;
	size_t rest = 0, first = 3;

	cr_expect_not(guest_decode(&decoder, &bytes, &first, &message), "no version is shorter than 4 bytes");
	rest = sizeof(bad->header) - 3;
	cr_assert(guest_decode(&decoder, &bytes, &rest, &message));
	cr_expect_eq(message.status, bad->status);
	cr_expect_eq(sizeof(bad->header) - rest, bad->known);
}

Test(virtmgr_guest_decoder, a_refused_stream_stays_refused)
{
	struct evm_guest_header header = { EVM_GUEST_MAGIC, EVM_GUEST_VERSION, EVM_GUEST_LOG, 0, UINT32_MAX };
	struct guest_decoder decoder = { .length = 0 };
	struct guest_message message;
	const uint8_t *bytes = (const uint8_t *)&header;
	size_t size = sizeof(header);
	static const uint8_t more[3 * EVM_GUEST_TEXT_MAX];

	cr_assert(guest_decode(&decoder, &bytes, &size, &message));
	bytes = more;
	size = sizeof(more);
	message.status = EVM_GUEST_OK;
	cr_expect(guest_decode(&decoder, &bytes, &size, &message));
	cr_expect_eq(message.status, EVM_GUEST_BAD_MESSAGE);
	cr_expect_eq(size, sizeof(more));
}

/* Every single-byte change of a good stream is decoded or refused, and never read beyond (the sanitizer's part). */
Test(virtmgr_guest_decoder, changed_bytes_harm_nothing)
{
	struct stream good = all_kinds();

	for (size_t at = 0; at < good.size; at++) {
		for (int change = 1; change < 256; change++) {
			struct guest_decoder decoder = { .length = 0 };
			struct stream stream = good;
			const uint8_t *bytes = stream.bytes;
			struct guest_message message = { .status = EVM_GUEST_OK };
			size_t seen = 0;

			stream.bytes[at] ^= (uint8_t)change;
			while (message.status == EVM_GUEST_OK && guest_decode(&decoder, &bytes, &stream.size, &message))
				seen++;
			cr_assert_leq(seen, good.size / sizeof(struct evm_guest_header));
			cr_assert_leq(decoder.length, sizeof(decoder.header) + EVM_GUEST_TEXT_MAX);
		}
	}
}
