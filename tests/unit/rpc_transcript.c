/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc_transcript.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rpcbinder/wire.h"

/* The handshake of one connection. */
struct progress {
	bool header, new_session, incoming, init, response;
	struct stream pending[2];
	size_t fds[2];
};

void stream_add(struct stream *stream, const void *bytes, size_t size)
{
	stream->bytes = realloc(stream->bytes, stream->size + size + 1);
	cr_assert(stream->bytes);
	memcpy(stream->bytes + stream->size, bytes, size);
	stream->size += size;
}

static void stream_drop(struct stream *stream, size_t size)
{
	stream->size -= size;
	memmove(stream->bytes, stream->bytes + size, stream->size);
}

/* How long the next message is, and what it is; 0: not all of it is there. */
static size_t next_size(struct progress *at, int connection, bool to_server, const struct stream *stream,
			enum transcript_part *ret)
{
	size_t size;

	if (connection == 0) {
		*ret = PART_BOOTSTRAP;
		size = 4;
	} else if (to_server && !at->header) {
		*ret = PART_HEADER;
		size = stream->size < 16 ? 16 : 16 + (size_t)stream->bytes[14];
	} else if (to_server && !at->incoming && !at->init) {
		*ret = PART_INIT;
		size = 8;
	} else if (!to_server && at->new_session && !at->response) {
		*ret = PART_RESPONSE;
		size = 8;
	} else if (!to_server && at->incoming && !at->init) {
		*ret = PART_INIT;
		size = 8;
	} else {
		*ret = PART_MESSAGE;
		size = stream->size < 16 ? 16 : 16 + get_le32(stream->bytes + 4);
	}
	return stream->size >= size ? size : 0;
}

static void note(struct progress *at, enum transcript_part part, const uint8_t *bytes)
{
	if (part == PART_HEADER) {
		at->header = true;
		at->new_session = !bytes[14];
		at->incoming = bytes[4] & RPC_OPTION_INCOMING;
	} else if (part == PART_INIT) {
		at->init = true;
	} else if (part == PART_RESPONSE) {
		at->response = true;
	}
}

static void add_message(struct transcript *transcript, int connection, bool to_server, enum transcript_part part,
			const uint8_t *bytes, size_t size, size_t fds)
{
	struct transcript_message *message = &transcript->messages[transcript->count++];

	cr_assert_lt(transcript->count, TRANSCRIPT_MAX_MESSAGES);
	*message = (struct transcript_message){ connection, to_server, part, malloc(size + 1), size, fds };
	cr_assert(message->bytes);
	if (size)
		memcpy(message->bytes, bytes, size);
	if (connection > transcript->connections)
		transcript->connections = connection;
	/* The reply to GET_SESSION_ID: 32 bytes in a parcel of 36. */
	if (!to_server && part == PART_MESSAGE && size == 16 + 20 + 36 && get_le32(message->bytes + 36) == 32 &&
	    !transcript->session_id)
		transcript->session_id = message->bytes + 40;
}

static void take_messages(struct transcript *transcript, struct progress *at, int connection, bool to_server)
{
	struct stream *stream = &at->pending[to_server];
	enum transcript_part part;
	size_t size;

	while (stream->size && (size = next_size(at, connection, to_server, stream, &part))) {
		add_message(transcript, connection, to_server, part, stream->bytes, size, at->fds[to_server]);
		note(at, part, stream->bytes);
		transcript->incoming[connection] = at->incoming;
		at->fds[to_server] = 0;
		stream_drop(stream, size);
	}
}

static void add_hex(struct stream *stream, const char *hex)
{
	for (; hex[0] && hex[1]; hex += 2) {
		const char digits[] = { hex[0], hex[1], 0 };
		uint8_t byte = (uint8_t)strtoul(digits, NULL, 16);

		stream_add(stream, &byte, 1);
	}
}

static void take_line(struct transcript *transcript, struct progress *progress, char *line)
{
	int connection;
	char direction[4], kinds[512], hex[8192];
	size_t fds;

	cr_assert_eq(sscanf(line, "%d %3s %zu %511s %8191s", &connection, direction, &fds, kinds, hex), 5, "%s", line);
	cr_assert_lt(connection, TRANSCRIPT_MAX_CONNECTIONS);
	bool to_server = strcmp(direction, "C>S") == 0;
	if (strcmp(hex, "EOF") == 0) {
		add_message(transcript, connection, to_server, PART_EOF, NULL, 0, 0);
		return;
	}
	progress[connection].fds[to_server] += fds;
	add_hex(&progress[connection].pending[to_server], hex);
	take_messages(transcript, &progress[connection], connection, to_server);
}

struct transcript *transcript_read(const char *name)
{
	struct transcript *transcript = calloc(1, sizeof(*transcript));
	struct progress progress[TRANSCRIPT_MAX_CONNECTIONS] = { 0 };
	char path[256], line[9000];
	FILE *file;

	snprintf(path, sizeof(path), "tests/rpcbinder/transcripts/%s.rec", name);
	file = fopen(path, "re");
	cr_assert(file, "%s can't be opened; run the tests in the tree's top directory", path);
	while (fgets(line, sizeof(line), file))
		take_line(transcript, progress, line);
	fclose(file);
	for (int i = 0; i < TRANSCRIPT_MAX_CONNECTIONS; i++)
		for (int direction = 0; direction < 2; direction++) {
			cr_assert_eq(progress[i].pending[direction].size, 0, "%s ends within a message", path);
			free(progress[i].pending[direction].bytes);
		}
	cr_assert_gt(transcript->count, 0);
	return transcript;
}

void transcript_free(struct transcript *transcript)
{
	for (size_t i = 0; i < transcript->count; i++)
		free(transcript->messages[i].bytes);
	free(transcript);
}

void speech_free(struct speech *speech)
{
	for (int i = 0; i < TRANSCRIPT_MAX_CONNECTIONS; i++)
		free(speech->streams[i].bytes);
}

void transcript_speech(const struct transcript *transcript, bool to_server, struct speech *ret)
{
	memset(ret, 0, sizeof(*ret));
	for (size_t i = 0; i < transcript->count; i++) {
		const struct transcript_message *message = &transcript->messages[i];

		if (message->to_server == to_server && message->connection && message->part != PART_EOF)
			stream_add(&ret->streams[message->connection], message->bytes, message->size);
	}
}

enum { MAX_SUMS = 32, MAX_ONEWAY = 64 };

/* One side's words, sorted by what is compared how. */
struct summary {
	struct stream ordered[TRANSCRIPT_MAX_CONNECTIONS]; /* all but the next two */
	struct {
		uint64_t address, amount;
	} sums[MAX_SUMS];
	size_t sum_count;
	const uint8_t *oneway[MAX_ONEWAY];
	size_t oneway_count;
};

static void add_sum(struct summary *summary, const uint8_t *message)
{
	uint64_t address = get_le64(message + 16);
	size_t i = 0;

	while (i < summary->sum_count && summary->sums[i].address != address)
		i++;
	cr_assert_lt(i, MAX_SUMS);
	summary->sums[i].address = address;
	summary->sums[i].amount += get_le32(message + 24);
	summary->sum_count += i == summary->sum_count;
}

static uint64_t sum_of(const struct summary *summary, uint64_t address)
{
	for (size_t i = 0; i < summary->sum_count; i++)
		if (summary->sums[i].address == address)
			return summary->sums[i].amount;
	return 0;
}

static bool is_oneway(const uint8_t *message)
{
	return get_le32(message) == RPC_TRANSACT && get_le32(message + 16 + 12) & RPC_FLAG_ONEWAY;
}

static int by_number(const void *a, const void *b)
{
	const uint8_t *one = *(const uint8_t *const *)a, *other = *(const uint8_t *const *)b;
	int r = memcmp(one + 16, other + 16, 8);

	if (r)
		return r;
	return get_le64(one + 32) < get_le64(other + 32) ? -1 : 1;
}

/* The handshake, which is not framed like a message, on one connection in this direction. */
static size_t handshake_size(const struct transcript *transcript, int connection, bool to_server)
{
	size_t size = 0;

	for (size_t i = 0; i < transcript->count; i++)
		if (transcript->messages[i].connection == connection &&
		    transcript->messages[i].to_server == to_server && transcript->messages[i].part != PART_MESSAGE)
			size += transcript->messages[i].size;
	return size;
}

static void sort_stream(struct summary *ret, const struct stream *stream, int connection, size_t handshake)
{
	size_t at = handshake < stream->size ? handshake : stream->size;

	stream_add(&ret->ordered[connection], stream->size ? stream->bytes : (const uint8_t *)"", at);
	while (stream->size - at >= 16) {
		const uint8_t *message = stream->bytes + at;
		size_t size = 16 + get_le32(message + 4);

		cr_assert_leq(size, stream->size - at, "a message on connection %d is cut", connection);
		if (get_le32(message) == RPC_DEC_STRONG) {
			add_sum(ret, message);
		} else if (is_oneway(message)) {
			cr_assert_lt(ret->oneway_count, MAX_ONEWAY);
			ret->oneway[ret->oneway_count++] = message;
		} else {
			stream_add(&ret->ordered[connection], message, size);
		}
		at += size;
	}
	cr_assert_eq(at, stream->size);
}

static void summarize(struct summary *ret, const struct speech *speech, const struct transcript *transcript,
		      bool to_server)
{
	memset(ret, 0, sizeof(*ret));
	for (int i = 1; i <= transcript->connections; i++)
		sort_stream(ret, &speech->streams[i], i, handshake_size(transcript, i, to_server));
	qsort(ret->oneway, ret->oneway_count, sizeof(ret->oneway[0]), by_number);
}

static void compare_ordered(const char *name, int connection, const struct stream *expected,
			    const struct stream *actual)
{
	size_t i = 0;

	while (i < expected->size && i < actual->size && expected->bytes[i] == actual->bytes[i])
		i++;
	cr_expect(i == expected->size && i == actual->size,
		  "%s, connection %d: byte %zu differs; %zu bytes, and %zu expected", name, connection, i, actual->size,
		  expected->size);
}

void speech_compare(const char *name, const struct speech *expected, const struct speech *actual,
		    const struct transcript *transcript, bool to_server)
{
	static struct summary e, a;

	summarize(&e, expected, transcript, to_server);
	summarize(&a, actual, transcript, to_server);
	for (int i = 1; i <= transcript->connections; i++) {
		compare_ordered(name, i, &e.ordered[i], &a.ordered[i]);
		free(e.ordered[i].bytes);
		free(a.ordered[i].bytes);
	}
	for (size_t i = 0; i < e.sum_count; i++)
		cr_expect_eq(sum_of(&a, e.sums[i].address), e.sums[i].amount,
			     "%s: DEC_STRONG of %#llx: %llu, and %llu expected", name,
			     (unsigned long long)e.sums[i].address, (unsigned long long)sum_of(&a, e.sums[i].address),
			     (unsigned long long)e.sums[i].amount);
	cr_expect_eq(a.sum_count, e.sum_count, "%s: DEC_STRONG for %zu addresses, and %zu expected", name, a.sum_count,
		     e.sum_count);
	cr_expect_eq(a.oneway_count, e.oneway_count, "%s: %zu oneway calls, and %zu expected", name, a.oneway_count,
		     e.oneway_count);
	for (size_t i = 0; i < e.oneway_count && i < a.oneway_count; i++)
		cr_expect_arr_eq(a.oneway[i], e.oneway[i], 16 + get_le32(e.oneway[i] + 4),
				 "%s: oneway call %zu differs", name, i);
}
