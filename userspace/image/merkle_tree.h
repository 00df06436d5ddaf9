/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Merkle tree of fs-verity (kernel: Documentation/filesystems/fsverity.rst): SHA-256, blocks of 4096 bytes, no salt.
 *
 * Made while the data passes by: memory is one block for each level, whatever the size of the data.
 */
#ifndef IMAGE_MERKLE_TREE_H
#define IMAGE_MERKLE_TREE_H

#include <stddef.h>
#include <stdint.h>

enum {
	MERKLE_BLOCK = 4096,
	MERKLE_HASH = 32,
	MERKLE_LEVELS_MAX = 8, /* 128 hashes in a block: more than 2^63 bytes need no more */
};

struct merkle_level {
	uint64_t offset; /* of its next block, from the beginning of the tree */
	size_t used;     /* bytes of BLOCK */
	uint8_t block[MERKLE_BLOCK];
};

struct merkle_tree {
	int fd;        /* borrowed; where the tree is written to */
	uint64_t base; /* the offset of the tree in FD */
	uint64_t left; /* bytes of data that are still to come */
	uint64_t size; /* of the tree, in bytes; 0 for data of one block */
	int levels;
	struct merkle_level level[MERKLE_LEVELS_MAX]; /* 0: the hashes of the data */
	uint8_t root[MERKLE_HASH];
};

/* Begins the tree of DATA_SIZE bytes, more than 0, which will be written to FD from offset BASE on. */
void merkle_begin(struct merkle_tree *tree, uint64_t data_size, int fd, uint64_t base);

/*
 * Adds the next SIZE bytes of the data: whole blocks, but for the last one.  0 or a negative errno of the writing.  After the last of the data
 * the tree is complete and root is set.
 */
int merkle_add(struct merkle_tree *tree, const uint8_t *data, size_t size);

#endif
