/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIBAVF_MANAGER_PATH_H
#define LIBAVF_MANAGER_PATH_H

#include <stddef.h>

#include "early_vm/types.h"

enum { MANAGER_PATHS_MAX = 16 /* as many as the platform's policy file may list */ };

/* Paths of managers in order of preference: the first that exists is the one to start. */
struct manager_paths {
	char text[MANAGER_PATHS_MAX][EVM_MAX_PATH_BYTES + 1];
	const char *list[MANAGER_PATHS_MAX + 1]; /* ends with NULL */
	size_t count;
};

/*
 * The paths that the platform's policy FILE lists (early_vm_policy.xml(5)), or the defaults when it lists none or can't be
 * read.  The file is not validated: early_vm_init and the manager do that, and what may be a manager is enforced by the
 * kernel, whatever is started here.
 */
void manager_paths_read(const char *file, struct manager_paths *ret);

/* The same for a policy of LENGTH bytes, without the defaults.  Pure. */
void manager_paths_scan(const char *text, size_t length, struct manager_paths *ret);

#endif
