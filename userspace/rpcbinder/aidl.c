/* SPDX-License-Identifier: Apache-2.0 */
#include "rpcbinder/aidl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

static const char *const release_names[AIDL_RELEASES] = { [AIDL_15Q] = "15q", [AIDL_16] = "16", [AIDL_26] = "26" };

const char *aidl_release_name(enum aidl_release release)
{
	return release_names[release];
}

int aidl_release_find(const char *name, enum aidl_release *ret)
{
	for (int i = 0; i < AIDL_RELEASES; i++)
		if (strcmp(release_names[i], name) == 0) {
			*ret = (enum aidl_release)i;
			return 0;
		}
	return -EINVAL;
}

const struct aidl_method *aidl_find_method(const struct aidl_interface *interface, enum aidl_release release,
					   uint32_t code)
{
	for (uint32_t i = 0; code && i < interface->method_count; i++)
		if (interface->methods[i].code[release] == code)
			return &interface->methods[i];
	return NULL;
}

uint32_t aidl_argument_count(const struct aidl_method *method)
{
	uint32_t count = 0;

	while (count < AIDL_MAX_ARGUMENTS && method->arguments[count].name)
		count++;
	return count;
}

struct aidl_block {
	struct aidl_block *next;
	size_t used, size;
	max_align_t bytes[];
};

enum { BLOCK_BYTES = 4096 };

static struct aidl_block *add_block(struct aidl_arena *arena, size_t size)
{
	struct aidl_block *block;

	size = size > BLOCK_BYTES ? size : BLOCK_BYTES;
	block = malloc(sizeof(*block) + size);
	if (!block)
		return NULL;
	*block = (struct aidl_block){ .next = arena->first, .size = size };
	arena->first = block;
	return block;
}

void *aidl_alloc(struct aidl_arena *arena, size_t size)
{
	struct aidl_block *block = arena->first;
	void *at;

	if (size > AIDL_MAX_MEMORY - arena->used)
		return NULL;
	size = (size + _Alignof(max_align_t) - 1) & ~(_Alignof(max_align_t) - 1);
	if (!block || block->size - block->used < size)
		block = add_block(arena, size);
	if (!block)
		return NULL;
	at = (uint8_t *)block->bytes + block->used;
	block->used += size;
	arena->used = arena->used + size < AIDL_MAX_MEMORY ? arena->used + size : AIDL_MAX_MEMORY;
	return at;
}

void aidl_arena_free(struct aidl_arena *arena)
{
	while (arena->first) {
		struct aidl_block *next = arena->first->next;

		free(arena->first);
		arena->first = next;
	}
	arena->used = 0;
}

/* What a walk over a type needs all the way. */
struct walk {
	struct parcel_reader *reader;
	enum aidl_release release;
	bool strict;
	struct aidl_arena *arena;
};

static bool has_field(const struct aidl_field *field, enum aidl_release release)
{
	return field->releases & 1u << release;
}

static struct aidl_value *new_items(const struct walk *walk, size_t count)
{
	struct aidl_value *items = aidl_alloc(walk->arena, count * sizeof(*items));

	if (items)
		memset(items, 0, count * sizeof(*items));
	else
		parcel_reader_fail(walk->reader, RPC_NO_MEMORY);
	return items;
}

static void read_value(const struct walk *walk, const struct aidl_type *type, struct aidl_value *ret);

static void read_string(const struct walk *walk, struct aidl_value *ret)
{
	const uint8_t *units;
	size_t count;
	ptrdiff_t size = parcel_read_string(walk->reader, &units, &count);
	char *text;

	ret->present = size >= 0;
	if (size < 0 || walk->reader->status != RPC_OK)
		return;
	text = aidl_alloc(walk->arena, (size_t)size + 1);
	if (!text) {
		parcel_reader_fail(walk->reader, RPC_NO_MEMORY);
		return;
	}
	parcel_string_copy(units, count, text);
	ret->text = text;
	ret->count = (uint32_t)size;
}

static void read_bytes(const struct walk *walk, const struct aidl_type *type, struct aidl_value *ret)
{
	size_t size;
	bool null;

	ret->bytes = parcel_read_bytes(walk->reader, &size, &null);
	ret->count = (uint32_t)size;
	ret->present = !null;
	if (!null && type->fixed && size != type->fixed)
		parcel_reader_fail(walk->reader, RPC_BAD_VALUE);
}

static void read_array(const struct walk *walk, const struct aidl_type *type, struct aidl_value *ret)
{
	ptrdiff_t count = parcel_read_count(walk->reader);

	ret->present = count >= 0;
	if (count <= 0)
		return;
	ret->items = new_items(walk, (size_t)count);
	if (!ret->items)
		return;
	ret->count = (uint32_t)count;
	for (ptrdiff_t i = 0; i < count && walk->reader->status == RPC_OK; i++)
		read_value(walk, type->element, &ret->items[i]);
}

/* A failed reader gives 0 for everything: there is no need to stop early. */
static void read_parcelable(const struct walk *walk, const struct aidl_type *type, struct aidl_value *ret)
{
	struct parcel_reader *reader = walk->reader;
	size_t begin = reader->at, left = reader->size - begin, size = (uint32_t)parcel_read_i32(reader),
	       outer = reader->size;

	if (size < 4 || size % 4 || size > left) {
		parcel_reader_fail(reader, RPC_BAD_VALUE);
		return;
	}
	ret->count = type->field_count;
	ret->items = new_items(walk, type->field_count);
	if (!ret->items)
		return;
	/* What belongs to the parcelable ends here; what a field claims beyond it does not exist. */
	reader->size = begin + size;
	for (uint32_t i = 0; i < type->field_count; i++)
		if (has_field(&type->fields[i], walk->release) && (walk->strict || reader->at < reader->size))
			read_value(walk, type->fields[i].type, &ret->items[i]);
	if (walk->strict && reader->at != reader->size)
		parcel_reader_fail(reader, RPC_BAD_VALUE);
	parcel_skip(reader, reader->size - reader->at);
	reader->size = outer;
}

static void read_union(const struct walk *walk, const struct aidl_type *type, struct aidl_value *ret)
{
	ret->count = (uint32_t)parcel_read_i32(walk->reader);
	if (ret->count >= type->field_count) {
		parcel_reader_fail(walk->reader, RPC_BAD_VALUE);
		return;
	}
	ret->items = new_items(walk, 1);
	if (ret->items)
		read_value(walk, type->fields[ret->count].type, ret->items);
}

/* Parcelables and unions: whether they are null comes first. */
static void read_structured(const struct walk *walk, const struct aidl_type *type, struct aidl_value *ret)
{
	ret->present = parcel_read_bool(walk->reader);
	if (!ret->present || walk->reader->status != RPC_OK)
		return;
	if (type->kind == AIDL_UNION)
		read_union(walk, type, ret);
	else
		read_parcelable(walk, type, ret);
}

static void read_value(const struct walk *walk, const struct aidl_type *type, struct aidl_value *ret)
{
	struct parcel_reader *reader = walk->reader;
	bool null = false;

	*ret = (struct aidl_value){ .present = true };
	if (type->kind == AIDL_BOOL) {
		ret->number = parcel_read_bool(reader);
	} else if (type->kind == AIDL_INT) {
		ret->number = parcel_read_i32(reader);
	} else if (type->kind == AIDL_LONG) {
		ret->number = parcel_read_i64(reader);
	} else if (type->kind == AIDL_STRING) {
		read_string(walk, ret);
	} else if (type->kind == AIDL_BYTES) {
		read_bytes(walk, type, ret);
	} else if (type->kind == AIDL_FD) {
		ret->fd = parcel_read_fd(reader, &null);
		ret->present = !null;
	} else if (type->kind == AIDL_BINDER) {
		ret->binder = parcel_read_binder(reader);
		ret->present = ret->binder != 0;
	} else if (type->kind == AIDL_ARRAY) {
		read_array(walk, type, ret);
	} else {
		read_structured(walk, type, ret);
	}
	if (!ret->present && !type->nullable)
		parcel_reader_fail(reader, RPC_UNEXPECTED_NULL);
}

void aidl_read(struct parcel_reader *reader, const struct aidl_type *type, enum aidl_release release, bool strict,
	       struct aidl_arena *arena, struct aidl_value *ret)
{
	const struct walk walk = { reader, release, strict, arena };

	if (type->kind == AIDL_VOID)
		*ret = (struct aidl_value){ .present = false };
	else
		read_value(&walk, type, ret);
}

void aidl_read_arguments(struct parcel_reader *reader, const struct aidl_method *method, enum aidl_release release,
			 bool strict, struct aidl_arena *arena, struct aidl_value *ret)
{
	memset(ret, 0, AIDL_MAX_ARGUMENTS * sizeof(*ret));
	for (uint32_t i = 0; i < aidl_argument_count(method); i++)
		aidl_read(reader, method->arguments[i].type, release, strict, arena, &ret[i]);
	parcel_read_end(reader);
}

static void write_value(struct parcel_writer *writer, const struct aidl_type *type, enum aidl_release release,
			const struct aidl_value *value);

static void write_fd(struct parcel_writer *writer, int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);

	if (copy < 0)
		parcel_writer_fail(writer, RPC_NO_MEMORY);
	else
		parcel_write_fd(writer, copy);
}

static void write_array(struct parcel_writer *writer, const struct aidl_type *type, enum aidl_release release,
			const struct aidl_value *value)
{
	parcel_write_i32(writer, (int32_t)value->count);
	for (uint32_t i = 0; i < value->count; i++)
		write_value(writer, type->element, release, &value->items[i]);
}

static void write_structured(struct parcel_writer *writer, const struct aidl_type *type, enum aidl_release release,
			     const struct aidl_value *value)
{
	size_t begin;

	parcel_write_i32(writer, 1);
	if (type->kind == AIDL_UNION) {
		parcel_write_i32(writer, (int32_t)value->count);
		write_value(writer, type->fields[value->count].type, release, value->items);
		return;
	}
	begin = parcel_write_size_begin(writer);
	for (uint32_t i = 0; i < type->field_count; i++)
		if (has_field(&type->fields[i], release))
			write_value(writer, type->fields[i].type, release, &value->items[i]);
	parcel_write_size_end(writer, begin);
}

static void write_null(struct parcel_writer *writer, const struct aidl_type *type)
{
	if (!type->nullable)
		parcel_writer_fail(writer, RPC_UNEXPECTED_NULL);
	else if (type->kind == AIDL_BINDER)
		parcel_write_binder(writer, 0);
	else if (type->kind == AIDL_STRING || type->kind == AIDL_BYTES || type->kind == AIDL_ARRAY)
		parcel_write_i32(writer, -1);
	else
		parcel_write_i32(writer, 0);
}

static void write_value(struct parcel_writer *writer, const struct aidl_type *type, enum aidl_release release,
			const struct aidl_value *value)
{
	if (!value->present)
		write_null(writer, type);
	else if (type->kind == AIDL_BOOL || type->kind == AIDL_INT)
		parcel_write_i32(writer, (int32_t)value->number);
	else if (type->kind == AIDL_LONG)
		parcel_write_i64(writer, value->number);
	else if (type->kind == AIDL_STRING)
		parcel_write_string(writer, value->text);
	else if (type->kind == AIDL_BYTES)
		parcel_write_bytes(writer, value->count ? value->bytes : (const uint8_t *)"", value->count);
	else if (type->kind == AIDL_FD)
		write_fd(writer, value->fd);
	else if (type->kind == AIDL_BINDER)
		parcel_write_binder(writer, value->binder);
	else if (type->kind == AIDL_ARRAY)
		write_array(writer, type, release, value);
	else
		write_structured(writer, type, release, value);
}

void aidl_write(struct parcel_writer *writer, const struct aidl_type *type, enum aidl_release release,
		const struct aidl_value *value)
{
	if (type->kind != AIDL_VOID)
		write_value(writer, type, release, value);
}

void aidl_write_request(struct parcel_writer *writer, const struct aidl_interface *interface,
			const struct aidl_method *method, enum aidl_release release, const struct aidl_value *arguments)
{
	parcel_write_string(writer, interface->descriptor);
	for (uint32_t i = 0; i < aidl_argument_count(method); i++)
		aidl_write(writer, method->arguments[i].type, release, &arguments[i]);
}

static int default_items(const struct aidl_type *type, struct aidl_arena *arena, struct aidl_value *ret)
{
	uint32_t count = type->kind == AIDL_UNION ? 1 : type->field_count;

	ret->items = aidl_alloc(arena, count * sizeof(*ret->items));
	if (!ret->items)
		return -ENOMEM;
	ret->count = type->kind == AIDL_UNION ? 0 : count; /* the first member */
	for (uint32_t i = 0; i < count; i++) {
		int r = aidl_default(type->fields[i].type, arena, &ret->items[i]);

		if (r < 0)
			return r;
	}
	return 0;
}

int aidl_default(const struct aidl_type *type, struct aidl_arena *arena, struct aidl_value *ret)
{
	uint8_t *bytes;

	*ret = (struct aidl_value){ .present = !type->nullable && type->kind != AIDL_FD && type->kind != AIDL_BINDER };
	if (!ret->present)
		return 0;
	if (type->kind == AIDL_STRING)
		ret->text = "";
	if (type->kind == AIDL_PARCELABLE || type->kind == AIDL_UNION)
		return default_items(type, arena, ret);
	if (type->kind == AIDL_BYTES && type->fixed) {
		bytes = aidl_alloc(arena, type->fixed);
		if (!bytes)
			return -ENOMEM;
		ret->bytes = memset(bytes, 0, type->fixed);
		ret->count = type->fixed;
	}
	return 0;
}
