// SPDX-License-Identifier: Apache-2.0
#include "vmbase/fdt.h"

#include <stdbool.h>

#include "vmbase/error.h"
#include "vmbase/string.h"

#define MAGIC 0xd00dfeedu

/* Header fields, by their offsets in bytes (5.2). */
enum {
	AT_MAGIC = 0,
	AT_TOTAL_SIZE = 4,
	AT_STRUCTURE = 8,
	AT_STRINGS = 12,
	AT_COMPATIBLE = 24,
	AT_STRINGS_SIZE = 32,
	AT_STRUCTURE_SIZE = 36
};

/* Tokens of the structure block (5.4.1). */
enum { BEGIN_NODE = 1, END_NODE = 2, PROPERTY = 3, NOP = 4, END = 9 };

/* All cells are aligned (5.1: the blob to 8 bytes, what has cells in it to 4). */
static uint32_t cell(const void *at)
{
	typedef uint32_t __attribute__((may_alias)) any_cell;

	return __builtin_bswap32(*(const any_cell *)at);
}

uint64_t fdt_number(const void *value, unsigned cells)
{
	const char *at = value;

	return cells == 2 ? (uint64_t)cell(at) << 32 | cell(at + 4) : cell(at);
}

/* Checks that the block with the offset and size in these header fields is inside the tree, and returns its end. */
static bool part_end(const char *header, unsigned offset_at, unsigned size_at, uint32_t *ret)
{
	uint32_t offset = cell(header + offset_at), size = cell(header + size_at), total = cell(header + AT_TOTAL_SIZE);

	if (offset < FDT_HEADER_SIZE || offset > total || size > total - offset)
		return false;
	*ret = offset + size;
	return true;
}

uint32_t fdt_used_size(const void *blob)
{
	uint32_t structure_end, strings_end;

	if ((uintptr_t)blob % 8 || cell(blob) != MAGIC ||
	    !part_end(blob, AT_STRUCTURE, AT_STRUCTURE_SIZE, &structure_end) ||
	    !part_end(blob, AT_STRINGS, AT_STRINGS_SIZE, &strings_end))
		return 0;
	return structure_end > strings_end ? structure_end : strings_end;
}

int fdt_open(const void *blob, size_t size, struct fdt *ret)
{
	const char *at = blob;
	uint32_t used = size < FDT_HEADER_SIZE ? 0 : fdt_used_size(blob);
	struct fdt fdt;

	if (!used || used > size || cell(at + AT_COMPATIBLE) > 17)
		return -EBADMSG;
	fdt = (struct fdt){
		.structure = at + cell(at + AT_STRUCTURE),
		.structure_size = cell(at + AT_STRUCTURE_SIZE),
		.strings = at + cell(at + AT_STRINGS),
		.strings_size = cell(at + AT_STRINGS_SIZE),
	};
	/* With an end at the end of the strings, every one of them has one. */
	if (cell(at + AT_STRUCTURE) % 4 || fdt.structure_size > INT32_MAX ||
	    (fdt.strings_size && fdt.strings[fdt.strings_size - 1]))
		return -EBADMSG;
	*ret = fdt;
	return 0;
}

struct token {
	uint32_t type;
	uint32_t next;    /* offset of the token after it */
	const char *name; /* of a node or a property */
	const char *value;
	uint32_t value_size;
};

/* A text at AT that ends before LIMIT; NULL if it does not. */
static const char *bounded_text(const char *block, uint32_t at, uint32_t limit)
{
	return at < limit && strnlen(block + at, limit - at) < limit - at ? block + at : NULL;
}

static bool read_property(const struct fdt *fdt, uint32_t at, struct token *token)
{
	uint32_t name;

	if (fdt->structure_size - at < 12)
		return false;
	name = cell(fdt->structure + at + 8);
	token->value_size = cell(fdt->structure + at + 4);
	token->value = fdt->structure + at + 12;
	token->name = fdt->strings + name;
	if (name >= fdt->strings_size || token->value_size > fdt->structure_size - at - 12)
		return false;
	token->next = (at + 12 + token->value_size + 3) & ~3u;
	return true;
}

/* Reads the token at offset AT; false when it is none, or not inside the block. */
static bool read_token(const struct fdt *fdt, uint32_t at, struct token *token)
{
	if (at > fdt->structure_size || fdt->structure_size - at < 4)
		return false;
	*token = (struct token){ .type = cell(fdt->structure + at), .next = at + 4 };
	switch (token->type) {
	case BEGIN_NODE:
		token->name = fdt->structure + at + 4;
		token->next = at + 4 + (uint32_t)strnlen(token->name, fdt->structure_size - at - 4);
		if (token->next == fdt->structure_size)
			return false;
		token->next = (token->next + 1 + 3) & ~3u;
		return true;
	case PROPERTY:
		return read_property(fdt, at, token);
	case END_NODE:
	case NOP:
	case END:
		return true;
	default:
		return false;
	}
}

/* The offset behind NODE's BEGIN_NODE token, where its properties start; negative when there is no node. */
static int64_t inside(const struct fdt *fdt, int node)
{
	struct token token;

	if (node < 0 || !read_token(fdt, (uint32_t)node, &token) || token.type != BEGIN_NODE)
		return -EBADMSG;
	return token.next;
}

int fdt_next(const struct fdt *fdt, int node, int *depth)
{
	int64_t at = inside(fdt, node);
	struct token token;

	if (at < 0)
		return (int)at;
	for (; read_token(fdt, (uint32_t)at, &token); at = token.next) {
		if (token.type == BEGIN_NODE) {
			++*depth;
			return (int)at;
		}
		if (token.type == END_NODE && --*depth < 0)
			return -ENOENT;
		if (token.type == END)
			return -ENOENT;
	}
	return -EBADMSG;
}

const char *fdt_name(const struct fdt *fdt, int node)
{
	struct token token;

	return node >= 0 && read_token(fdt, (uint32_t)node, &token) && token.type == BEGIN_NODE ? token.name : "";
}

const void *fdt_find_property(const struct fdt *fdt, int node, const char *name, uint32_t *ret_size)
{
	int64_t at = inside(fdt, node);
	struct token token;

	/* A node's properties come before its children. */
	for (; at >= 0 && read_token(fdt, (uint32_t)at, &token); at = token.next) {
		if (token.type == PROPERTY && strcmp(token.name, name) == 0) {
			*ret_size = token.value_size;
			return token.value;
		}
		if (token.type != PROPERTY && token.type != NOP)
			return NULL;
	}
	return NULL;
}

const char *fdt_text(const struct fdt *fdt, int node, const char *name)
{
	uint32_t size;
	const char *value = fdt_find_property(fdt, node, name, &size);

	return value ? bounded_text(value, 0, size) : NULL;
}

uint64_t fdt_number_property(const struct fdt *fdt, int node, const char *name, uint64_t default_value)
{
	uint32_t size;
	const void *value = fdt_find_property(fdt, node, name, &size);

	return value && (size == 4 || size == 8) ? fdt_number(value, size / 4) : default_value;
}

/* `compatible` is a list of texts, each with its end. */
static bool is_compatible(const struct fdt *fdt, int node, const char *name)
{
	uint32_t size, at = 0;
	const char *list = fdt_find_property(fdt, node, "compatible", &size), *text;

	if (!list)
		return false;
	for (; (text = bounded_text(list, at, size)); at += (uint32_t)strlen(text) + 1)
		if (strcmp(text, name) == 0)
			return true;
	return false;
}

int fdt_next_compatible(const struct fdt *fdt, int node, const char *name)
{
	int depth = 0;

	/* The depth is relative to the first node, so that the walk does not end early when it begins deeper in the tree. */
	if (node < 0)
		node = inside(fdt, 0) < 0 ? -EBADMSG : 0;
	else
		node = fdt_next(fdt, node, &(int){ INT16_MAX });
	while (node >= 0 && !is_compatible(fdt, node, name)) {
		depth = INT16_MAX;
		node = fdt_next(fdt, node, &depth);
	}
	return node;
}

int fdt_find(const struct fdt *fdt, const char *name)
{
	size_t length = strlen(name);
	int depth = 0, node = 0;

	while ((node = fdt_next(fdt, node, &depth)) >= 0) {
		const char *found = fdt_name(fdt, node);

		if (depth == 1 && strncmp(found, name, length) == 0 && (found[length] == '\0' || found[length] == '@'))
			return node;
	}
	return node;
}
