/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening trusted files below a root directory: each is opened once and checked by its descriptor, so that it can't be
 * replaced between check and use.
 *
 * Path names are resolved as after chroot(ROOT): symbolic links in directories stay below it (openat2, RESOLVE_IN_ROOT),
 * but the last component must not be one.  Opening a FIFO does not block.  All functions are thread-safe.
 */
#ifndef COMMON_SAFE_OPEN_H
#define COMMON_SAFE_OPEN_H

#include <stddef.h>

/* Why an input was refused.  The message is FILE:LINE: TEXT. */
struct reason {
	int line; /* 0: the file as a whole.  Set by readers of text, left alone by the functions here */
	char text[512];
};

/* Fills the text of REASON and returns ERROR, a negative errno: return refuse(reason, -EINVAL, "..."). */
int refuse(struct reason *reason, int error, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Opens the directory ROOT ("" means "/").  Returns a descriptor that the caller closes, or a negative errno. */
int open_root(const char *root);

/* Opens PATH below ROOT_FD with O_CLOEXEC.  Returns a descriptor that the caller closes, or a negative errno. */
int open_in_root(int root_fd, const char *path, int flags);

/*
 * Opens PATH for reading, a regular file that group and others can't write.  ROOT_FD AT_FDCWD: PATH is taken as it is,
 * not below a root.  Returns a descriptor that the caller closes, or a negative errno with REASON filled.
 */
int open_protected_file(int root_fd, const char *path, struct reason *reason);

/*
 * Reads all of FD, at most MAX bytes.  RET_BYTES is freed by the caller; a NUL that SIZE does not count follows the
 * bytes.  Returns 0, or a negative errno (-EFBIG: there is more) with REASON filled; the outputs are untouched then.
 */
int read_whole(int fd, size_t max, char **ret_bytes, size_t *ret_size, struct reason *reason);

#endif
