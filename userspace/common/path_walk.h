/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Internal to common/: opening a path component by component, so that every directory and symbolic link on the way
 * can be looked at.  Uses openat(2) alone, which service managers' system call filters allow (openat2(2) they don't).
 */
#ifndef COMMON_PATH_WALK_H
#define COMMON_PATH_WALK_H

#include <stdbool.h>
#include <sys/stat.h>

/*
 * Called for each directory that the path leads through, the first one included, and for each symbolic link on the way.
 * FD is an O_PATH descriptor of it that is valid during the call; NAME is its last component ("/" for the root).
 */
typedef void (*path_walk_visit)(void *data, int fd, const char *name, const struct stat *st);

/*
 * Opens PATH with FLAGS and O_CLOEXEC, resolved as after chroot(2) to ROOT_FD: absolute links and ".." stay below it.
 * ROOT_FD AT_FDCWD: PATH is resolved as usual.  O_NOFOLLOW in FLAGS is about the last component: -ELOOP if it is a
 * symbolic link.  Links of /proc (/proc/PID/fd/N) are taken by their text as any others, and never lead straight to a file.  A
 * directory that is moved out of ROOT_FD meanwhile may lead out of it.
 *
 * Returns a descriptor that the caller closes, or a negative errno.  Thread-safe.
 */
int path_walk(int root_fd, const char *path, int flags, path_walk_visit visit, void *data);

#endif
