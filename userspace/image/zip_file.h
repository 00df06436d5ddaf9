/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One entry of a zip file (PKWARE, APPNOTE.TXT 6.3), as much of the format as APKs have, and no more: one disk, no zip64, no
 * encryption, entries that are stored or deflated.  Anything else is refused, and so is what two readers could understand
 * differently: a name that is there twice, a local header that disagrees with the directory, bytes between the directory and its end.
 *
 * Memory is bounded: the directory, and what the caller allows for the entry.  So is time: packed data that is longer than deflate makes
 * it of that much is refused.
 */
#ifndef IMAGE_ZIP_FILE_H
#define IMAGE_ZIP_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "common/safe_open.h"
#include "image/byte_source.h"

enum { ZIP_DIRECTORY_MAX = 1 << 24 }; /* bytes: some 200000 entries */

/* The central directory. */
struct zip_directory {
	uint64_t offset; /* as the end of central directory says */
	uint64_t size;
	uint64_t end;     /* where the end of central directory begins */
	uint32_t entries; /* 0xffff may mean zip64 */
	bool split;       /* over several disks */
};

/*
 * Finds the central directory; what it says is not compared with the file's size.  0, or a negative errno with REASON filled and RET untouched.
 */
int zip_find_directory(const struct byte_source *source, struct zip_directory *ret, struct reason *reason);

/*
 * Reads the entry NAME, whose content has at most MAX bytes, into RET, which the caller frees; a NUL that SIZE does not count follows
 * the bytes.  Its CRC-32 is checked.  0, or a negative errno (-ENOENT: there is none) with REASON filled and the outputs untouched.  Thread-safe.
 */
int zip_read_entry(const struct byte_source *source, const char *name, size_t max, char **ret, size_t *ret_size,
		   struct reason *reason);

#endif
