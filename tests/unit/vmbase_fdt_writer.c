/* SPDX-License-Identifier: Apache-2.0 */
#include "vmbase_fdt_writer.h"

#include <arpa/inet.h>
#include <string.h>

static void cell(struct fdt_writer *w, uint32_t value)
{
	value = htonl(value);
	memcpy(w->structure + w->structure_size, &value, 4);
	w->structure_size += 4;
}

static void bytes(struct fdt_writer *w, const void *from, size_t size)
{
	memcpy(w->structure + w->structure_size, from, size);
	w->structure_size += (size + 3) & ~(size_t)3;
}

void fdt_begin(struct fdt_writer *w, const char *name)
{
	cell(w, 1);
	bytes(w, name, strlen(name) + 1);
}

void fdt_end(struct fdt_writer *w)
{
	cell(w, 2);
}

void fdt_put(struct fdt_writer *w, const char *name, const void *value, size_t size)
{
	cell(w, 3);
	cell(w, (uint32_t)size);
	cell(w, (uint32_t)w->strings_size);
	memcpy(w->strings + w->strings_size, name, strlen(name) + 1);
	w->strings_size += strlen(name) + 1;
	bytes(w, value, size);
}

void fdt_put_text(struct fdt_writer *w, const char *name, const char *text)
{
	fdt_put(w, name, text, strlen(text) + 1);
}

void fdt_put_cells(struct fdt_writer *w, const char *name, const uint32_t *cells, size_t count)
{
	uint32_t big[16];

	for (size_t i = 0; i < count; i++)
		big[i] = htonl(cells[i]);
	fdt_put(w, name, big, count * 4);
}

size_t fdt_writer_finish(struct fdt_writer *w, uint8_t *to)
{
	uint32_t header[10] = { 0xd00dfeed, 0, 56, 0, 40, 17, 16, 0, 0, 0 }; /* 40: an empty memory reservation map */

	cell(w, 9);
	header[3] = (uint32_t)(56 + w->structure_size);
	header[1] = (uint32_t)(header[3] + w->strings_size);
	header[8] = (uint32_t)w->strings_size;
	header[9] = (uint32_t)w->structure_size;
	memset(to, 0, 56);
	memcpy(to + 56, w->structure, w->structure_size);
	memcpy(to + header[3], w->strings, w->strings_size);
	for (int i = 0; i < 10; i++) {
		uint32_t big = htonl(header[i]);

		memcpy(to + 4 * i, &big, 4);
	}
	return header[1];
}
