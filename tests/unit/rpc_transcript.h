/* SPDX-License-Identifier: Apache-2.0 */
/* The recordings in tests/rpcbinder/transcripts, as messages; and what was said by two sides, compared. */
#ifndef TESTS_RPC_TRANSCRIPT_H
#define TESTS_RPC_TRANSCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TRANSCRIPT_MAX_MESSAGES = 400, TRANSCRIPT_MAX_CONNECTIONS = 8 };

/* What a message is: the handshake's parts come first. */
enum transcript_part { PART_BOOTSTRAP, PART_HEADER, PART_INIT, PART_RESPONSE, PART_MESSAGE, PART_EOF };

struct transcript_message {
	int connection;
	bool to_server;
	enum transcript_part part;
	uint8_t *bytes;
	size_t size, fd_count;
};

struct transcript {
	struct transcript_message messages[TRANSCRIPT_MAX_MESSAGES];
	size_t count;
	uint8_t *session_id;                       /* in one of the messages; NULL: there is none */
	bool incoming[TRANSCRIPT_MAX_CONNECTIONS]; /* the server calls on this connection */
	int connections;                           /* the highest number */
};

/* Fails the test when NAME can't be read. */
struct transcript *transcript_read(const char *name);
void transcript_free(struct transcript *transcript);

/* The bytes of one direction of one connection. */
struct stream {
	uint8_t *bytes;
	size_t size;
};

void stream_add(struct stream *stream, const void *bytes, size_t size);

/* What one side said: STREAMS[n] on connection n. */
struct speech {
	struct stream streams[TRANSCRIPT_MAX_CONNECTIONS];
};

void speech_free(struct speech *speech);

/* What the side that speaks to the server, or the client, says in TRANSCRIPT. */
void transcript_speech(const struct transcript *transcript, bool to_server, struct speech *ret);

/*
 * Whether two sides said the same.  Which may differ, because threads decide it: by which connection a DEC_STRONG comes, and how many are
 * merged (their sums for each address are compared); by which connection a oneway call comes (compared in the order of
 * address and number).
 */
void speech_compare(const char *name, const struct speech *expected, const struct speech *actual,
		    const struct transcript *transcript, bool to_server);

#endif
