/* SPDX-License-Identifier: Apache-2.0 */
/* The files that a manager reads, in a directory below $TMPDIR: one root for each kind of VMM. */
#ifndef TESTS_FUZZ_MANAGER_ROOT_H
#define TESTS_FUZZ_MANAGER_ROOT_H

#include <stdint.h>

#define MANAGER_ROOT_CLIENT "/system/bin/client" /* the executable of the one client, below each root */

/* Makes them; they are removed when the program ends. */
void manager_root_make(void);

/* One of them, as any number WHICH says. */
const char *manager_root(unsigned int which);

/* A name of a VM, most of which are listed, and the CIDs in the same order. */
const char *manager_root_name(unsigned int which);
uint32_t manager_root_cid(unsigned int which);

/* No VM left anything in ROOT but its lock. */
void manager_root_check(const char *root);

#endif
