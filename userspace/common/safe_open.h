/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening trusted files below a root directory: each is opened once and checked by its descriptor, so that it can't be
 * replaced between check and use.
 *
 * Path names are resolved as after chroot(ROOT): symbolic links on the way stay below it (common/path_walk.h).
 * Nothing blocks on a FIFO.  All functions are thread-safe.
 */
#ifndef COMMON_SAFE_OPEN_H
#define COMMON_SAFE_OPEN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

/* Why an input was refused.  The message is FILE:LINE: TEXT. */
struct reason {
	int line; /* 0: the file as a whole.  Set by readers of text, left alone by the functions here */
	char text[512];
};

/* Fills the text of REASON and returns ERROR, a negative errno: return refuse(reason, -EINVAL, "..."). */
int refuse(struct reason *reason, int error, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Does the file belong to root, and may neither its group nor others write it? */
static inline bool only_root_may_write(const struct stat *st)
{
	return st->st_uid == 0 && !(st->st_mode & (S_IWGRP | S_IWOTH));
}

/* Opens the directory ROOT ("" means "/").  Returns a descriptor that the caller closes, or a negative errno. */
int open_root(const char *root);

/*
 * What is done with a file that others than root could replace: its owner, or a directory or link that its path leads
 * through, is another user's, or such a directory is writable by group or others and not sticky.  On a file system that is
 * mounted read-only (an APEX, a verified partition) nothing is unsafe.
 */
enum unsafe_files {
	UNSAFE_FILES_REFUSE, /* (default) */
	UNSAFE_FILES_REPORT, /* taken, with a warning */
};

/* Opens PATH below ROOT_FD with O_CLOEXEC.  Returns a descriptor that the caller closes, or a negative errno. */
int open_in_root(int root_fd, const char *path, int flags);

/*
 * Opens the file of the descriptor FD again, with FLAGS and O_CLOEXEC: a description of its own, with its own position and status
 * flags.  Needs /proc, and the permission to open the file.  Returns a descriptor that the caller closes, or a negative errno.
 */
int open_again(int fd, int flags);

/*
 * Opens PATH for reading, a regular file and no link to one, that group and others can't write, and that is safe, or UNSAFE
 * says otherwise.  ROOT_FD AT_FDCWD: PATH is taken as it is, not below a root.  Besides root, the owner of the root
 * directory may own what is in it (an image that is checked by its maker), and the user of this process a file that is named.
 *
 * Returns a descriptor that the caller closes; the text of REASON is "", or what is unsafe about it, which the caller logs.
 * Or a negative errno with REASON filled.
 */
int open_protected_file(int root_fd, const char *path, enum unsafe_files unsafe, struct reason *reason);

/*
 * Reads all of FD, at most MAX bytes.  RET_BYTES is freed by the caller; a NUL that SIZE does not count follows the
 * bytes.  Returns 0, or a negative errno (-EFBIG: there is more) with REASON filled; the outputs are untouched then.
 */
int read_whole(int fd, size_t max, char **ret_bytes, size_t *ret_size, struct reason *reason);

#endif
