/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The interpreter and the shared libraries of an executable, those of its libraries too, and which of them root can change.  The
 * seal protects none of them.
 *
 * They are searched as the dynamic loader would from the same files: the run path that a file names, glibc's cache
 * (/etc/ld.so.cache), and the usual directories of glibc, musl and Android.  What depends on the processor (glibc-hwcaps) or
 * on a linker configuration of Android is not followed.
 */
#ifndef COMMON_LINKED_FILES_H
#define COMMON_LINKED_FILES_H

#include <stdbool.h>
#include <stddef.h>

enum { LINKED_MAX_FILES = 512 };

struct linked_file {
	char *name;          /* as it is asked for */
	char *path;          /* below the root; NULL: it was not found */
	bool root_can_write; /* the file, or the directory with its name, is on a file system that is not mounted read-only */
};

struct linked_files {
	bool dynamic; /* it has an interpreter, which is the first of: */
	struct linked_file *files;
	size_t count;
	bool incomplete; /* a file can't be understood, or there are more than LINKED_MAX_FILES */
};

/*
 * Reads what the executable PATH below ROOT_FD (open_root) needs.  The caller frees RET with linked_files_free.  0; a negative errno
 * of the open, or of elf_needs_read for PATH itself: RET is untouched then.  Thread-safe.
 */
int linked_files_read(int root_fd, const char *path, struct linked_files *ret);
void linked_files_free(struct linked_files *linked);

/* How many files root can change. */
size_t linked_files_writable(const struct linked_files *linked);

#endif
