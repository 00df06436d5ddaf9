/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The programs' variables as memory.  They are written through it and not as a whole value, because the programs count
 * there meanwhile.
 */
#ifndef INIT_POLICY_VARIABLES_H
#define INIT_POLICY_VARIABLES_H

#include "init/policy_object.h"

/* NULL with errno set, after a message.  The caller unmaps it, before the map is frozen. */
struct evm_state *variables_map(const struct policy_object *object);

/* For _cleanup_. */
void variables_unmap(struct evm_state **state);

#endif
