/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Internal to common/: what must be true of the path of an executable in one of our XML files, and of the file there.
 * Both functions write nothing but REASON, whose text has the path and what would be right, and are thread-safe.
 */
#ifndef COMMON_CLIENT_FILE_H
#define COMMON_CLIENT_FILE_H

#include <stddef.h>

#include "common/safe_open.h"

/*
 * PATH as text: absolute, without empty, "." and ".." components, at most MAX bytes.  The policy and its audit show
 * it as written, so each file has one spelling.  Returns 0, or -EINVAL with REASON filled.
 */
int client_path_check(const char *path, size_t max, struct reason *reason);

/*
 * The file at PATH below ROOT_FD: a regular ELF file, no link to one, executable, and not to be written by group or
 * others.  Returns 0, or a negative errno with REASON filled.
 */
int client_file_check(int root_fd, const char *path, struct reason *reason);

#endif
