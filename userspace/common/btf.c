/* SPDX-License-Identifier: Apache-2.0 */
#include "common/btf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* --- reading ------------------------------------------------------------------------------------------------------- */

/* Bytes that follow the head of a type, by its kind; -1: the kind is not known. */
static int64_t tail_bytes(uint32_t info)
{
	int64_t members = BTF_INFO_VLEN(info);

	switch (BTF_INFO_KIND(info)) {
	case BTF_KIND_INT:
	case BTF_KIND_VAR:
	case BTF_KIND_DECL_TAG:
		return sizeof(uint32_t);
	case BTF_KIND_ARRAY:
		return sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return members * (int64_t)sizeof(struct btf_member);
	case BTF_KIND_ENUM:
		return members * (int64_t)sizeof(struct btf_enum);
	case BTF_KIND_FUNC_PROTO:
		return members * (int64_t)sizeof(struct btf_param);
	case BTF_KIND_DATASEC:
		return members * (int64_t)sizeof(struct btf_var_secinfo);
	case BTF_KIND_ENUM64:
		return members * (int64_t)sizeof(struct btf_enum64);
	case BTF_KIND_PTR:
	case BTF_KIND_FWD:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_FUNC:
	case BTF_KIND_FLOAT:
	case BTF_KIND_TYPE_TAG:
		return 0;
	}
	return -1;
}

static bool is_indexed(uint32_t kind)
{
	return kind == BTF_KIND_FUNC || kind == BTF_KIND_STRUCT || kind == BTF_KIND_UNION || kind == BTF_KIND_ENUM ||
	       kind == BTF_KIND_ENUM64;
}

/* The bytes of a name up to its NUL or the word's end; *ENDS: the NUL is in this word. */
static uint64_t name_word(const char *name, bool *ends)
{
	uint64_t word, zeros;

	memcpy(&word, name, sizeof(word));
	zeros = (word - 0x0101010101010101) & ~word & 0x8080808080808080;
	*ends = zeros;
	return zeros ? word & ((zeros & -zeros) - 1) : word;
}

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
	       "the first character of a name is the lowest byte of its word");

/* By the first 16 characters. */
static uint32_t hash_name(const char *name)
{
	bool ends;
	uint64_t hash = name_word(name, &ends) * 0x9e3779b97f4a7c15;

	if (!ends)
		hash = (hash ^ name_word(name + sizeof(uint64_t), &ends)) * 0x9e3779b97f4a7c15;
	return (uint32_t)(hash >> 40) % BTF_NAME_BUCKETS;
}

static bool is_in(uint64_t offset, uint64_t bytes, uint64_t size)
{
	return offset <= size && bytes <= size - offset;
}

static int read_header(const char *data, size_t bytes, struct btf_types *types, uint32_t *ret_type_bytes)
{
	const struct btf_header *header = (const void *)data;
	uint64_t types_at, strings_at;

	if (bytes < sizeof(*header) || header->magic != BTF_MAGIC || header->version != BTF_VERSION ||
	    header->hdr_len < sizeof(*header))
		return -EBADMSG;
	types_at = (uint64_t)header->hdr_len + header->type_off;
	strings_at = (uint64_t)header->hdr_len + header->str_off;
	if (types_at % sizeof(uint32_t) || !is_in(types_at, header->type_len, bytes) ||
	    !is_in(strings_at, header->str_len, bytes))
		return -EBADMSG;
	types->types = data + types_at;
	types->strings = data + strings_at;
	types->string_bytes = header->str_len;
	*ret_type_bytes = header->type_len;
	return header->str_len && types->strings[header->str_len - 1] ? -EBADMSG : 0;
}

/* The offset of each type.  No type is smaller than its head, so there is room for all. */
static int read_offsets(struct btf_types *types, uint32_t bytes)
{
	uint32_t at = 0;

	types->offsets = malloc((bytes / sizeof(struct btf_type) + 1) * sizeof(uint32_t));
	if (!types->offsets)
		return -ENOMEM;
	while (at < bytes) {
		const struct btf_type *type = (const void *)(types->types + at);
		int64_t tail = is_in(at, sizeof(*type), bytes) ? tail_bytes(type->info) : -1;

		if (tail < 0 || !is_in(at, sizeof(*type) + (uint64_t)tail, bytes))
			return -EBADMSG;
		types->offsets[types->count++] = at;
		at += (uint32_t)sizeof(*type) + (uint32_t)tail;
	}
	return 0;
}

/* Backwards, so that the first of the types with one name is the first of its bucket. */
static int make_index(struct btf_types *types)
{
	types->buckets = calloc(BTF_NAME_BUCKETS, sizeof(uint32_t));
	types->next = malloc(((size_t)types->count + 1) * sizeof(uint32_t));
	if (!types->buckets || !types->next)
		return -ENOMEM;
	for (uint32_t number = types->count; number > 0; number--) {
		const struct btf_type *type = (const void *)(types->types + types->offsets[number - 1]);
		uint32_t *bucket;

		if (!is_indexed(BTF_INFO_KIND(type->info)))
			continue;
		bucket = &types->buckets[hash_name(btf_type_name(types, type))];
		types->next[number] = *bucket;
		*bucket = number;
	}
	return 0;
}

int btf_types_read(const void *data, size_t bytes, const struct btf_types *base, bool index, struct btf_types *ret)
{
	struct btf_types types = { .base = base, .first_id = base ? base->first_id + base->count : 1 };
	uint32_t type_bytes = 0;
	int r = read_header(data, bytes, &types, &type_bytes);

	if (!r)
		r = read_offsets(&types, type_bytes);
	if (!r && index)
		r = make_index(&types);
	if (r) {
		btf_types_free(&types);
		types = (struct btf_types){};
	}
	*ret = types;
	return r;
}

void btf_types_free(struct btf_types *types)
{
	free(types->offsets);
	free(types->buckets);
	free(types->next);
	*types = (struct btf_types){};
}

/* --- looking up ---------------------------------------------------------------------------------------------------- */

const struct btf_type *btf_type(const struct btf_types *types, uint32_t id)
{
	if (types->base && id < types->first_id)
		return btf_type(types->base, id);
	if (id < types->first_id || id - types->first_id >= types->count)
		return NULL;
	return (const void *)(types->types + types->offsets[id - types->first_id]);
}

/* Padded: a name is hashed by words, whatever follows it. */
static const char no_string[BTF_PADDING] = "";

const char *btf_string(const struct btf_types *types, uint32_t offset)
{
	uint32_t base_bytes = types->base ? types->base->string_bytes : 0;

	if (offset < base_bytes)
		return types->base->strings + offset;
	return offset - base_bytes < types->string_bytes ? types->strings + (offset - base_bytes) : no_string;
}

uint32_t btf_find(const struct btf_types *types, uint32_t after, uint32_t kind, const char *name, size_t length)
{
	char text[128 + BTF_PADDING] = "";

	if (!types->buckets || length >= sizeof(text) - BTF_PADDING)
		return 0;
	memcpy(text, name, length);
	for (uint32_t number = types->buckets[hash_name(text)]; number; number = types->next[number]) {
		const struct btf_type *type = (const void *)(types->types + types->offsets[number - 1]);
		uint32_t id = types->first_id + number - 1;

		if (id > after && BTF_INFO_KIND(type->info) == kind && !strcmp(btf_type_name(types, type), text))
			return id;
	}
	return 0;
}

const struct btf_type *btf_plain_type(const struct btf_types *types, uint32_t *id)
{
	for (int depth = 0; depth < BTF_MAX_DEPTH; depth++) {
		const struct btf_type *type = btf_type(types, *id);

		if (!type)
			return NULL;
		switch (BTF_INFO_KIND(type->info)) {
		case BTF_KIND_TYPEDEF:
		case BTF_KIND_CONST:
		case BTF_KIND_VOLATILE:
		case BTF_KIND_RESTRICT:
		case BTF_KIND_TYPE_TAG:
			*id = type->type;
			break;
		default:
			return type;
		}
	}
	return NULL;
}

int64_t btf_size(const struct btf_types *types, uint32_t id)
{
	int64_t elements = 1;

	for (int depth = 0; depth < BTF_MAX_DEPTH; depth++) {
		const struct btf_type *type = btf_plain_type(types, &id);
		const struct btf_array *array;

		if (!type)
			return -1;
		array = (const void *)(type + 1);
		switch (BTF_INFO_KIND(type->info)) {
		case BTF_KIND_INT:
		case BTF_KIND_STRUCT:
		case BTF_KIND_UNION:
		case BTF_KIND_ENUM:
		case BTF_KIND_ENUM64:
		case BTF_KIND_FLOAT:
			return elements > INT32_MAX ? -1 : elements * type->size;
		case BTF_KIND_PTR:
			return elements > INT32_MAX ? -1 : elements * (int64_t)sizeof(void *);
		case BTF_KIND_ARRAY:
			if (array->nelems && elements > INT32_MAX / array->nelems)
				return -1;
			elements *= array->nelems;
			id = array->type;
			break;
		default:
			return -1;
		}
	}
	return -1;
}
