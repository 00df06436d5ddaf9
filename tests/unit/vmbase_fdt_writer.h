/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes flattened device trees for tests.
 */
#ifndef VMBASE_FDT_WRITER_H
#define VMBASE_FDT_WRITER_H

#include <stddef.h>
#include <stdint.h>

struct fdt_writer {
	uint8_t structure[2048], strings[512];
	size_t structure_size, strings_size;
};

void fdt_begin(struct fdt_writer *w, const char *name);
void fdt_end(struct fdt_writer *w);
void fdt_put(struct fdt_writer *w, const char *name, const void *value, size_t size);
void fdt_put_text(struct fdt_writer *w, const char *name, const char *text);

/* COUNT big-endian cells. */
void fdt_put_cells(struct fdt_writer *w, const char *name, const uint32_t *cells, size_t count);

/* Puts the blob together at TO, which has room for it; returns its size. */
size_t fdt_writer_finish(struct fdt_writer *w, uint8_t *to);

#endif
