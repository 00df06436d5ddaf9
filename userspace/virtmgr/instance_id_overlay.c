/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/instance_id_overlay.h"

#include <endian.h>
#include <string.h>

#include "virtmgr/memory_file.h"

enum { FDT_MAGIC = 0xd00dfeed, FDT_BEGIN_NODE = 1, FDT_END_NODE = 2, FDT_PROP = 3, FDT_END = 9 };
enum { HEADER_BYTES = 40, NO_RESERVED_MEMORY = 16 /* the end of an empty list */ };

/* All names of properties, one after another; a property names one by its offset. */
static const char strings[] = "target-path\0instance-id";
enum { TARGET_PATH = 0, INSTANCE_ID = sizeof("target-path") };

struct tree {
	uint8_t *bytes;
	size_t length;
};

static void put(struct tree *tree, uint32_t value)
{
	value = htobe32(value);
	memcpy(tree->bytes + tree->length, &value, sizeof(value));
	tree->length += sizeof(value);
}

/* Bytes, and zeros up to the next word. */
static void put_bytes(struct tree *tree, const void *bytes, size_t length)
{
	memcpy(tree->bytes + tree->length, bytes, length);
	tree->length += (length + 3) & ~(size_t)3;
}

static void begin_node(struct tree *tree, const char *name)
{
	put(tree, FDT_BEGIN_NODE);
	put_bytes(tree, name, strlen(name) + 1);
}

static void put_property(struct tree *tree, uint32_t name, const void *value, size_t length)
{
	put(tree, FDT_PROP);
	put(tree, (uint32_t)length);
	put(tree, name);
	put_bytes(tree, value, length);
}

static void put_nodes(struct tree *tree, const uint8_t id[EVM_INSTANCE_ID_BYTES])
{
	static const char *const path[] = { "__overlay__", "avf", "untrusted" };

	begin_node(tree, "");
	begin_node(tree, "fragment@0");
	put_property(tree, TARGET_PATH, "/", sizeof("/"));
	for (size_t i = 0; i < 3; i++)
		begin_node(tree, path[i]);
	put_property(tree, INSTANCE_ID, id, EVM_INSTANCE_ID_BYTES);
	for (size_t i = 0; i < 3 + 2; i++)
		put(tree, FDT_END_NODE);
	put(tree, FDT_END);
}

size_t instance_id_overlay_write(const uint8_t id[EVM_INSTANCE_ID_BYTES], uint8_t ret[INSTANCE_ID_OVERLAY_MAX])
{
	struct tree tree = { ret, HEADER_BYTES + NO_RESERVED_MEMORY }, header = { ret, 0 };
	size_t nodes = tree.length, names;

	memset(ret, 0, INSTANCE_ID_OVERLAY_MAX);
	put_nodes(&tree, id);
	names = tree.length;
	put_bytes(&tree, strings, sizeof(strings));
	put(&header, FDT_MAGIC);
	put(&header, (uint32_t)tree.length);
	put(&header, (uint32_t)nodes);
	put(&header, (uint32_t)names);
	put(&header, HEADER_BYTES);
	put(&header, 17); /* version, and the oldest that it is compatible with */
	put(&header, 16);
	put(&header, 0); /* the CPU that boots */
	put(&header, sizeof(strings));
	put(&header, (uint32_t)(names - nodes));
	return tree.length;
}

int instance_id_overlay_open(const uint8_t id[EVM_INSTANCE_ID_BYTES])
{
	uint8_t bytes[INSTANCE_ID_OVERLAY_MAX];
	size_t length = instance_id_overlay_write(id, bytes);

	return memory_file_make("vm_dt_overlay.dtbo", bytes, length);
}
