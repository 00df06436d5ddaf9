// SPDX-License-Identifier: Apache-2.0
#include "vmm/x86_64/aml.h"

#include <stdlib.h>
#include <string.h>

/* clang-format off */
enum {
	OP_NAME = 0x08, OP_BYTE = 0x0a, OP_DWORD = 0x0c, OP_STRING = 0x0d, OP_SCOPE = 0x10, OP_BUFFER = 0x11, OP_PACKAGE = 0x12,
	OP_EXTENDED = 0x5b, OP_DEVICE = 0x82, ROOT_CHARACTER = 0x5c,
	RESOURCE_PORT = 0x47, RESOURCE_MEMORY32 = 0x86, RESOURCE_INTERRUPT = 0x89, RESOURCE_END = 0x79,
	INTERRUPT_CONSUMER = 1, INTERRUPT_EDGE = 2,
	LENGTH_BYTES = 2, BUFFER_SIZE_BYTES = 2,
};
/* clang-format on */

static void put(struct aml *aml, const void *bytes, size_t size)
{
	if (size > sizeof(aml->bytes) - aml->used)
		abort();
	memcpy(aml->bytes + aml->used, bytes, size);
	aml->used += size;
}

static void put_byte(struct aml *aml, uint8_t byte)
{
	put(aml, &byte, 1);
}

/* A package's length counts its own two bytes: four bits in the first, eight in the second. */
static void begin(struct aml *aml)
{
	if (aml->depth == AML_DEPTH)
		abort();
	aml->open[aml->depth++] = aml->used;
	put(aml, "\0\0", LENGTH_BYTES);
}

void aml_end(struct aml *aml)
{
	size_t at = aml->open[--aml->depth];
	size_t length = aml->used - at;

	aml->bytes[at] = (unsigned char)(0x40 | (length & 0xf));
	aml->bytes[at + 1] = (unsigned char)(length >> 4);
}

void aml_begin_scope(struct aml *aml, const char *name)
{
	put_byte(aml, OP_SCOPE);
	begin(aml);
	put_byte(aml, ROOT_CHARACTER);
	put(aml, name, 4);
}

void aml_begin_device(struct aml *aml, const char *name)
{
	put_byte(aml, OP_EXTENDED);
	put_byte(aml, OP_DEVICE);
	begin(aml);
	put(aml, name, 4);
}

static void put_name(struct aml *aml, const char *name)
{
	put_byte(aml, OP_NAME);
	put(aml, name, 4);
}

void aml_name_byte(struct aml *aml, const char *name, uint8_t value)
{
	put_name(aml, name);
	put_byte(aml, OP_BYTE);
	put_byte(aml, value);
}

void aml_name_eisa_id(struct aml *aml, const char *name, uint32_t id)
{
	put_name(aml, name);
	put_byte(aml, OP_DWORD);
	put(aml, &id, sizeof(id));
}

void aml_name_string(struct aml *aml, const char *name, const char *value)
{
	put_name(aml, name);
	put_byte(aml, OP_STRING);
	put(aml, value, strlen(value) + 1);
}

void aml_name_sleep_type(struct aml *aml, const char *name, uint8_t type)
{
	put_name(aml, name);
	put_byte(aml, OP_PACKAGE);
	begin(aml);
	put_byte(aml, 4); /* elements */
	put_byte(aml, OP_BYTE);
	put_byte(aml, type);
	put(aml, "\0\0\0", 3); /* three zeros, which are an operation of their own */
	aml_end(aml);
}

void aml_begin_resources(struct aml *aml)
{
	put_name(aml, "_CRS");
	put_byte(aml, OP_BUFFER);
	begin(aml);
	put_byte(aml, OP_BYTE);
	put_byte(aml, 0); /* the size, set at the end */
	aml->resources = aml->used;
}

void aml_port_resource(struct aml *aml, uint16_t port, uint8_t count)
{
	put_byte(aml, RESOURCE_PORT);
	put_byte(aml, 1); /* decodes 16 bits */
	put(aml, &port, sizeof(port));
	put(aml, &port, sizeof(port));
	put_byte(aml, 1); /* alignment */
	put_byte(aml, count);
}

void aml_memory_resource(struct aml *aml, uint32_t address, uint32_t size)
{
	put_byte(aml, RESOURCE_MEMORY32);
	put(aml, "\x09\0", 2); /* length */
	put_byte(aml, 1);      /* writable */
	put(aml, &address, sizeof(address));
	put(aml, &size, sizeof(size));
}

void aml_interrupt_resource(struct aml *aml, uint32_t irq)
{
	put_byte(aml, RESOURCE_INTERRUPT);
	put(aml, "\x06\0", 2); /* length */
	put_byte(aml, INTERRUPT_CONSUMER | INTERRUPT_EDGE);
	put_byte(aml, 1); /* one interrupt */
	put(aml, &irq, sizeof(irq));
}

void aml_end_resources(struct aml *aml)
{
	put_byte(aml, RESOURCE_END);
	put_byte(aml, 0); /* no checksum */
	aml->bytes[aml->resources - 1] = (unsigned char)(aml->used - aml->resources);
	aml_end(aml);
}
