/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IMAGE_FILE_IO_H
#define IMAGE_FILE_IO_H

#include <stddef.h>
#include <stdint.h>

/* Writes all SIZE bytes to FD at OFFSET; its position stays.  0 or a negative errno (some bytes may be written then). */
int write_all_at(int fd, const void *bytes, size_t size, uint64_t offset);

/* Reads exactly SIZE bytes from FD at OFFSET.  0 or a negative errno; -ENODATA: the file ends before. */
int read_all_at(int fd, void *bytes, size_t size, uint64_t offset);

/*
 * Empties a file whose contents could not be completed: on a full file system it would take the room that others need.
 * WHAT ("partition") names it in a debug message where that fails.
 */
void empty_incomplete(int fd, const char *what);

struct file_name {
	char text[256];
};

/*
 * The path of FD for a message, as the kernel knows it: cut if it is long, "?" in place of bytes that are not printable ASCII, and of a path
 * that can't be read.  Returns NAME's text.  Thread-safe.
 */
const char *file_name_of(int fd, struct file_name *name);

#endif
