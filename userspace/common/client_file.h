/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What must be true of the path of an executable in one of our XML files, and of the file there.
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
 * Opens the file at PATH below ROOT_FD, the one rule for every executable that gets a rule: a regular ELF file, no link to
 * one, executable, not writable by group or others, and safe, or UNSAFE says otherwise (open_protected_file).
 * Returns a descriptor that the caller closes, and by which the file is used from then on; the text of REASON is "", or
 * what is unsafe about it.  Or a negative errno with REASON filled.
 */
int client_file_open(int root_fd, const char *path, enum unsafe_files unsafe, struct reason *reason);

#endif
