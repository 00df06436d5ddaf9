/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A reader of BTF, the type information of a kernel, of one of its modules, or of a BPF object (Documentation/bpf/btf.rst,
 * include/uapi/linux/btf.h).  It believes nothing of what it reads: all offsets, IDs and depths are checked.
 */
#ifndef COMMON_BTF_H
#define COMMON_BTF_H

#include <linux/btf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	BTF_PADDING = 16,   /* readable bytes that must follow BTF that is indexed: names are compared by words */
	BTF_MAX_DEPTH = 32, /* of typedefs, qualifiers and arrays, as in the kernel (MAX_RESOLVE_DEPTH) */
	BTF_NAME_BUCKETS = 1 << 14,
};

/* Type IDs FIRST_ID to FIRST_ID + COUNT - 1; 0 is void.  The types of a module continue those of the kernel, BASE. */
struct btf_types {
	const struct btf_types *base;
	const char *types, *strings;
	uint32_t string_bytes; /* without those of BASE, whose offsets come first */
	uint32_t first_id, count;
	uint32_t *offsets; /* of each type, from TYPES */
	uint32_t *buckets; /* the first type of each hash of a name, counted from 1; NULL: no index */
	uint32_t *next;    /* the next one with the same hash */
};

/*
 * Reads BTF of BYTES from DATA, which stays the caller's and must stay until btf_types_free.  BASE: the kernel's types for
 * those of a module, otherwise NULL.  INDEX: structures, unions, enumerations and functions are to be found by name; then
 * BTF_PADDING bytes must follow DATA.  Thread-safe.
 * Returns 0, -EBADMSG (it can't be understood) or -ENOMEM; RET is empty then.
 */
int btf_types_read(const void *data, size_t bytes, const struct btf_types *base, bool index, struct btf_types *ret);
void btf_types_free(struct btf_types *types);

/* The type ID, or NULL: void, or there is none. */
const struct btf_type *btf_type(const struct btf_types *types, uint32_t id);

/* The string at OFFSET; "" where there is none. */
const char *btf_string(const struct btf_types *types, uint32_t offset);

static inline const char *btf_type_name(const struct btf_types *types, const struct btf_type *type)
{
	return btf_string(types, type->name_off);
}

/*
 * The ID of the first type after AFTER (0: from the first on) that has this KIND (BTF_KIND_STRUCT, UNION, ENUM, ENUM64 or FUNC) and
 * this name, the LENGTH bytes at NAME.  Not in BASE.  0: there is none.
 */
uint32_t btf_find(const struct btf_types *types, uint32_t after, uint32_t kind, const char *name, size_t length);

/* Follows typedefs and qualifiers from *ID, which is changed.  NULL: void, no type, or too deep. */
const struct btf_type *btf_plain_type(const struct btf_types *types, uint32_t *id);

/* The size in bytes of an object of the type ID; negative: it has none. */
int64_t btf_size(const struct btf_types *types, uint32_t id);

#endif
