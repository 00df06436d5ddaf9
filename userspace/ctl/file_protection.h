/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which mechanism protects a listed file from changes.
 */
#ifndef CTL_FILE_PROTECTION_H
#define CTL_FILE_PROTECTION_H

#include <stdbool.h>

enum file_protection {
	KEPT_BY_NOTHING,
	KEPT_BY_SEAL, /* the sealed policy refuses writing until the next boot */
	/* fs-verity: the kernel refuses writing, and checks what is read (Documentation/filesystems/fsverity.rst) */
	KEPT_BY_VERITY,
	KEPT_BY_READ_ONLY, /* its file system is mounted read-only */
};

/* The strongest protection of the file at PATH.  SEALED: the policy is sealed.  Opens the file for reading; thread-safe. */
enum file_protection file_protection(const char *path, bool sealed);

/* "nothing", "seal", "verity" or "read_only". */
const char *file_protection_word(enum file_protection protection);

#endif
