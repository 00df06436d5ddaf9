/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reader of flattened device trees (Devicetree Specification v0.4, chapter 5), versions 16 and 17.
 *
 * The tree comes from the VMM, which is trusted to be honest but not to be free of mistakes: every offset is checked
 * against the size before it is followed.  Nothing is copied: what is returned points into the blob.
 * Pure code; thread-safe, as nothing is written.
 */
#ifndef VMBASE_FDT_H
#define VMBASE_FDT_H

#include <stddef.h>
#include <stdint.h>

#define FDT_HEADER_SIZE 40

struct fdt {
	const char *structure, *strings;
	uint32_t structure_size, strings_size;
};

/*
 * How many bytes from BLOB on a reader needs, by the header there (at least FDT_HEADER_SIZE bytes); 0: no device tree.
 * VMMs leave room behind for more, QEMU a whole MiB, which need not be accessible.
 */
uint32_t fdt_used_size(const void *blob);

/* Opens the tree at BLOB (aligned to 8 bytes), of which SIZE bytes can be read; BLOB must stay.  -EBADMSG: not a tree, or its parts do not lie inside. */
int fdt_open(const void *blob, size_t size, struct fdt *ret);

/*
 * Nodes are named by their offsets; the root is node 0.  fdt_next walks them in the order of the blob, from 0 on:
 * *DEPTH (set it to 0 with node 0) follows along.  -ENOENT: there is no further node.  -EBADMSG: the structure is damaged.
 */
int fdt_next(const struct fdt *fdt, int node, int *depth);

/* The first node after NODE (-1: from the root on) whose `compatible` has NAME in it; errors as fdt_next. */
int fdt_next_compatible(const struct fdt *fdt, int node, const char *name);

/* The first node right under the root with this NAME; its unit address, after an @, may be left out.  Errors as fdt_next. */
int fdt_find(const struct fdt *fdt, const char *name);

/* The name of NODE with its unit address ("memory@40000000"); "" for the root, and when the structure is damaged. */
const char *fdt_name(const struct fdt *fdt, int node);

/* The value of a property and its size in bytes; NULL when NODE has none. */
const void *fdt_find_property(const struct fdt *fdt, int node, const char *name, uint32_t *ret_size);

/* The same for a property that is a text; NULL when it is absent or not terminated. */
const char *fdt_text(const struct fdt *fdt, int node, const char *name);

/* A number of CELLS 32-bit big-endian cells (1 or 2) at VALUE. */
uint64_t fdt_number(const void *value, unsigned cells);

/* The property as one number of 1 or 2 cells, by its size; DEFAULT when it is absent or of another size. */
uint64_t fdt_number_property(const struct fdt *fdt, int node, const char *name, uint64_t default_value);

#endif
