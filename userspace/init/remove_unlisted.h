/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The second half of a reload: what is listed no longer goes.
 */
#ifndef INIT_REMOVE_UNLISTED_H
#define INIT_REMOVE_UNLISTED_H

#include "init/kernel_table.h"

/*
 * Removes what TABLE has and PLAN and SET have not: rules first, so that nobody gains such a label any more, then the
 * labels of running tasks whose client is gone, CIDs last.  Returns 0 or a negative errno after a message.
 */
int remove_unlisted(const struct kernel_table *table, const struct plan *plan, const struct rule_set *set,
		    const struct policy_object *object);

#endif
