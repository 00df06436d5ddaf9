/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing protocol buffers (protobuf.dev, "Encoding").  The same code counts (AT is NULL) and writes, so the two can't disagree:
 * a message is put twice, into a counter and into as many bytes as that has counted.
 *
 * Fields with their default value (0, an empty text) are left out by the callers, as proto3 has it.
 */
#ifndef IMAGE_PROTOBUF_H
#define IMAGE_PROTOBUF_H

#include <stddef.h>
#include <stdint.h>

/* The types of fields on the wire. */
enum protobuf_wire { PROTOBUF_VARINT = 0, PROTOBUF_64_BIT = 1, PROTOBUF_BYTES = 2, PROTOBUF_32_BIT = 5 };

struct protobuf {
	uint8_t *at; /* room for the whole message; NULL: it is only counted */
	size_t size;
};

/* Bytes without a field's key. */
void protobuf_bytes(struct protobuf *message, const void *bytes, size_t size);

void protobuf_number(struct protobuf *message, unsigned int field, uint64_t value);
void protobuf_string(struct protobuf *message, unsigned int field, const char *text);

/* Before the SIZE bytes of a message inside. */
void protobuf_begin(struct protobuf *message, unsigned int field, size_t size);

#endif
