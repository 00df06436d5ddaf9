/* SPDX-License-Identifier: Apache-2.0 */
#include "image/composite.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "image/protobuf.h"

static const char magic[] = "composite_disk\x1d";

enum {
	MAGIC_BYTES = sizeof(magic) - 1,
	VERSION = 2,
	VARINT_MAX = 10,  /* bytes of a 64-bit number, seven bits in each */
	PARTS_MAX = 1024, /* a table of 128 partitions has 258 parts at most; more is no disk of ours or crosvm's */
};

enum disk_field { DISK_VERSION = 1, DISK_COMPONENT = 2, DISK_LENGTH = 3 };
enum component_field { COMPONENT_PATH = 1, COMPONENT_OFFSET = 2, COMPONENT_WRITABLE = 3 };

bool composite_is(const uint8_t *bytes, size_t size)
{
	return size >= MAGIC_BYTES && !memcmp(bytes, magic, MAGIC_BYTES);
}

/* --- writing -------------------------------------------------------------------------------------------------------- */

/* Fields with their default value, 0, are left out, as the format has it. */
static void put_component_fields(struct protobuf *writer, const struct composite_component *component)
{
	protobuf_string(writer, COMPONENT_PATH, component->path);
	if (component->offset)
		protobuf_number(writer, COMPONENT_OFFSET, component->offset);
	if (component->writable)
		protobuf_number(writer, COMPONENT_WRITABLE, 1);
}

static void put_disk(struct protobuf *writer, const struct composite_component *components, size_t count,
		     uint64_t length)
{
	protobuf_bytes(writer, magic, MAGIC_BYTES);
	protobuf_number(writer, DISK_VERSION, VERSION);
	for (size_t i = 0; i < count; i++) {
		struct protobuf counter = { 0 };

		put_component_fields(&counter, &components[i]);
		protobuf_begin(writer, DISK_COMPONENT, counter.size);
		put_component_fields(writer, &components[i]);
	}
	protobuf_number(writer, DISK_LENGTH, length);
}

static int check_order(const struct composite_component *components, size_t count, uint64_t length,
		       struct reason *reason)
{
	if (!count || components[0].offset)
		return refuse(reason, -EINVAL, "a composite disk begins with a component at offset 0");
	for (size_t i = 0; i < count; i++) {
		uint64_t end = i + 1 < count ? components[i + 1].offset : length;

		if (components[i].offset >= end)
			return refuse(reason, -EINVAL, "component %zu, %s, begins at %llu and ends at %llu", i,
				      components[i].path, (unsigned long long)components[i].offset,
				      (unsigned long long)end);
	}
	return 0;
}

int composite_make(const struct composite_component *components, size_t count, uint64_t length, uint8_t **ret,
		   size_t *ret_size, struct reason *reason)
{
	struct protobuf writer = { 0 };
	uint8_t *bytes;
	int r = check_order(components, count, length, reason);

	if (r < 0)
		return r;
	put_disk(&writer, components, count, length);
	bytes = malloc(writer.size);
	if (!bytes)
		return refuse(reason, -ENOMEM, "no memory for a composite disk");
	writer = (struct protobuf){ .at = bytes };
	put_disk(&writer, components, count, length);
	*ret = bytes;
	*ret_size = writer.size;
	return 0;
}

/* --- reading -------------------------------------------------------------------------------------------------------- */

struct input {
	const uint8_t *at, *end;
};

static int get_varint(struct input *input, uint64_t *ret)
{
	uint64_t value = 0;

	for (int i = 0; i < VARINT_MAX && input->at < input->end; i++) {
		uint8_t byte = *input->at++;

		if (i == VARINT_MAX - 1 && byte > 1)
			return -EBADMSG;
		value |= (uint64_t)(byte & 0x7f) << (7 * i);
		if (byte < 0x80) {
			*ret = value;
			return 0;
		}
	}
	return -EBADMSG;
}

/* A field: NUMBER has the value of a PROTOBUF_VARINT one, BYTES what a PROTOBUF_BYTES one consists of. */
struct field {
	uint64_t id;
	enum protobuf_wire wire;
	uint64_t number;
	struct input bytes;
};

static int take(struct input *input, uint64_t size, struct input *ret)
{
	if (size > (uint64_t)(input->end - input->at))
		return -EBADMSG;
	*ret = (struct input){ input->at, input->at + size };
	input->at += size;
	return 0;
}

static int get_field(struct input *input, struct field *field)
{
	uint64_t key, size;
	int r = get_varint(input, &key);

	if (r < 0)
		return r;
	*field = (struct field){ .id = key >> 3, .wire = key & 7 };
	switch (field->wire) {
	case PROTOBUF_VARINT:
		return get_varint(input, &field->number);
	case PROTOBUF_BYTES:
		r = get_varint(input, &size);
		return r < 0 ? r : take(input, size, &field->bytes);
	case PROTOBUF_64_BIT:
		return take(input, 8, &field->bytes);
	case PROTOBUF_32_BIT:
		return take(input, 4, &field->bytes);
	}
	return -EBADMSG;
}

static int set_path(struct composite_part *part, const struct input *bytes)
{
	size_t size = (size_t)(bytes->end - bytes->at);

	if (!size || memchr(bytes->at, 0, size))
		return -EBADMSG;
	free(part->path);
	part->path = strndup((const char *)bytes->at, size);
	return part->path ? 0 : -ENOMEM;
}

static int read_part(struct input input, struct composite_part *part)
{
	struct field field;
	int r = 0;

	while (r == 0 && input.at < input.end) {
		r = get_field(&input, &field);
		if (r == 0 && field.id == COMPONENT_PATH && field.wire == PROTOBUF_BYTES)
			r = set_path(part, &field.bytes);
		else if (field.id == COMPONENT_OFFSET && field.wire == PROTOBUF_VARINT)
			part->offset = field.number;
		else if (field.id == COMPONENT_WRITABLE && field.wire == PROTOBUF_VARINT)
			part->writable = field.number != 0;
	}
	return r < 0 || part->path ? r : -EBADMSG;
}

static int add_part(struct composite_disk *disk, struct input input)
{
	struct composite_part *parts;

	if (disk->count == PARTS_MAX)
		return -E2BIG;
	parts = reallocarray(disk->parts, disk->count + 1, sizeof(*parts));
	if (!parts)
		return -ENOMEM;
	disk->parts = parts;
	parts[disk->count] = (struct composite_part){ 0 };
	return read_part(input, &parts[disk->count++]);
}

static int read_disk(struct input input, struct composite_disk *disk, uint64_t *version)
{
	struct field field;
	int r = 0;

	while (r == 0 && input.at < input.end) {
		r = get_field(&input, &field);
		if (r == 0 && field.id == DISK_COMPONENT && field.wire == PROTOBUF_BYTES)
			r = add_part(disk, field.bytes);
		else if (field.id == DISK_VERSION && field.wire == PROTOBUF_VARINT)
			*version = field.number;
		else if (field.id == DISK_LENGTH && field.wire == PROTOBUF_VARINT)
			disk->length = field.number;
	}
	return r;
}

/* crosvm reads 1 and 2 alike but for an optional field. */
static int check_disk(const struct composite_disk *disk, uint64_t version, struct reason *reason)
{
	if (version < 1 || version > VERSION)
		return refuse(reason, -EBADMSG, "version %llu of a composite disk is not known",
			      (unsigned long long)version);
	if (!disk->count || disk->parts[0].offset)
		return refuse(reason, -EBADMSG, "a composite disk begins with a component at offset 0");
	return 0;
}

static int set_lengths(struct composite_disk *disk, struct reason *reason)
{
	for (size_t i = 0; i < disk->count; i++) {
		struct composite_part *part = &disk->parts[i];
		uint64_t end = i + 1 < disk->count ? part[1].offset : disk->length;

		if (part->offset >= end)
			return refuse(reason, -EBADMSG, "component %zu, %s, begins at %llu and ends at %llu", i,
				      part->path, (unsigned long long)part->offset, (unsigned long long)end);
		part->length = end - part->offset;
	}
	return 0;
}

void composite_free(struct composite_disk *disk)
{
	for (size_t i = 0; i < disk->count; i++)
		free(disk->parts[i].path);
	free(disk->parts);
	*disk = (struct composite_disk){ 0 };
}

int composite_read(const uint8_t *bytes, size_t size, struct composite_disk *ret, struct reason *reason)
{
	_cleanup_(composite_free) struct composite_disk disk = { 0 };
	uint64_t version = 0;
	int r;

	if (!composite_is(bytes, size))
		return refuse(reason, -EBADMSG, "this is no composite disk: its magic is missing");
	r = read_disk((struct input){ bytes + MAGIC_BYTES, bytes + size }, &disk, &version);
	if (r < 0)
		return refuse(reason, r, "the composite disk can't be read: %s", strerror(-r));
	r = check_disk(&disk, version, reason);
	if (r == 0)
		r = set_lengths(&disk, reason);
	if (r < 0)
		return r;
	*ret = disk;
	disk = (struct composite_disk){ 0 };
	return 0;
}
