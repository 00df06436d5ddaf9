/* SPDX-License-Identifier: Apache-2.0 */
#include "image/merkle_tree.h"

#include <nettle/sha2.h>
#include <string.h>

#include "image/file_io.h"

_Static_assert(MERKLE_HASH == SHA256_DIGEST_SIZE, "a hash is a SHA-256");

/* The levels lie in the file with the top one first. */
static void lay_out(struct merkle_tree *tree, uint64_t data_size)
{
	uint64_t blocks[MERKLE_LEVELS_MAX], hashes = (data_size - 1) / MERKLE_BLOCK + 1;
	uint64_t offset = 0;

	while (hashes > 1) {
		hashes = (hashes * MERKLE_HASH - 1) / MERKLE_BLOCK + 1;
		blocks[tree->levels++] = hashes;
	}
	for (int i = tree->levels - 1; i >= 0; i--) {
		tree->level[i].offset = offset;
		offset += blocks[i] * MERKLE_BLOCK;
	}
	tree->size = offset;
}

void merkle_begin(struct merkle_tree *tree, uint64_t data_size, int fd, uint64_t base)
{
	memset(tree, 0, sizeof(*tree));
	tree->fd = fd;
	tree->base = base;
	tree->left = data_size;
	lay_out(tree, data_size);
}

static void hash_block(const uint8_t *block, size_t size, uint8_t hash[MERKLE_HASH])
{
	static const uint8_t zeros[MERKLE_BLOCK];
	struct sha256_ctx context;

	sha256_init(&context);
	sha256_update(&context, size, block);
	sha256_update(&context, MERKLE_BLOCK - size, zeros);
	sha256_digest(&context, MERKLE_HASH, hash);
}

static int add_hash(struct merkle_tree *tree, int at, const uint8_t hash[MERKLE_HASH]);

/* Writes the block of level AT, zeros after its hashes, and passes its own hash up. */
static int end_block(struct merkle_tree *tree, int at)
{
	struct merkle_level *level = &tree->level[at];
	uint8_t hash[MERKLE_HASH];
	int r;

	memset(level->block + level->used, 0, MERKLE_BLOCK - level->used);
	r = write_all_at(tree->fd, level->block, MERKLE_BLOCK, tree->base + level->offset);
	if (r < 0)
		return r;
	hash_block(level->block, MERKLE_BLOCK, hash);
	level->offset += MERKLE_BLOCK;
	level->used = 0;
	return add_hash(tree, at + 1, hash);
}

/* A hash for level AT; beyond the top one it is the root. */
static int add_hash(struct merkle_tree *tree, int at, const uint8_t hash[MERKLE_HASH])
{
	struct merkle_level *level = &tree->level[at];

	if (at == tree->levels) {
		memcpy(tree->root, hash, MERKLE_HASH);
		return 0;
	}
	memcpy(level->block + level->used, hash, MERKLE_HASH);
	level->used += MERKLE_HASH;
	return level->used == MERKLE_BLOCK ? end_block(tree, at) : 0;
}

/* The blocks that are not full when the data ends. */
static int end_levels(struct merkle_tree *tree)
{
	int r = 0;

	for (int i = 0; i < tree->levels && r == 0; i++)
		if (tree->level[i].used)
			r = end_block(tree, i);
	return r;
}

int merkle_add(struct merkle_tree *tree, const uint8_t *data, size_t size)
{
	uint8_t hash[MERKLE_HASH];
	int r = 0;

	while (size && r == 0) {
		size_t part = size < MERKLE_BLOCK ? size : MERKLE_BLOCK;

		hash_block(data, part, hash);
		r = add_hash(tree, 0, hash);
		data += part;
		size -= part;
		tree->left -= part;
	}
	return r == 0 && !tree->left ? end_levels(tree) : r;
}
