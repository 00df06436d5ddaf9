/* SPDX-License-Identifier: Apache-2.0 */
#include "image/protobuf.h"

#include <string.h>

static void put_byte(struct protobuf *message, uint8_t byte)
{
	if (message->at)
		message->at[message->size] = byte;
	message->size++;
}

static void put_varint(struct protobuf *message, uint64_t value)
{
	for (; value >= 0x80; value >>= 7)
		put_byte(message, (uint8_t)(value | 0x80));
	put_byte(message, (uint8_t)value);
}

void protobuf_bytes(struct protobuf *message, const void *bytes, size_t size)
{
	if (message->at)
		memcpy(message->at + message->size, bytes, size);
	message->size += size;
}

void protobuf_number(struct protobuf *message, unsigned int field, uint64_t value)
{
	put_varint(message, field << 3 | PROTOBUF_VARINT);
	put_varint(message, value);
}

void protobuf_begin(struct protobuf *message, unsigned int field, size_t size)
{
	put_varint(message, field << 3 | PROTOBUF_BYTES);
	put_varint(message, size);
}

void protobuf_string(struct protobuf *message, unsigned int field, const char *text)
{
	protobuf_begin(message, field, strlen(text));
	protobuf_bytes(message, text, strlen(text));
}
