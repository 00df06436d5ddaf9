/* SPDX-License-Identifier: Apache-2.0 */
/* Where the bytes of an archive come from: a file, or memory (tests, fuzzers). */
#ifndef IMAGE_BYTE_SOURCE_H
#define IMAGE_BYTE_SOURCE_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "image/file_io.h"

struct byte_source {
	int fd;                /* borrowed; its position stays */
	const uint8_t *memory; /* NULL: FD */
	uint64_t size;
};

/* Reads exactly SIZE bytes at OFFSET.  0 or a negative errno; -ENODATA: they are not all there. */
static inline int byte_source_read(const struct byte_source *source, void *bytes, size_t size, uint64_t offset)
{
	if (offset > source->size || size > source->size - offset)
		return -ENODATA;
	if (!source->memory)
		return read_all_at(source->fd, bytes, size, offset);
	memcpy(bytes, source->memory + offset, size);
	return 0;
}

#endif
