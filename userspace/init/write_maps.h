/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes into the kernel's maps.  Each function returns 0 or a negative errno after a message.
 */
#ifndef INIT_WRITE_MAPS_H
#define INIT_WRITE_MAPS_H

#include "init/rule_set.h"

int write_cid(const struct policy_object *object, const struct plan_cid *cid);
int write_rule(const struct policy_object *object, const struct evm_file_id *id, const struct evm_rule *rule);

/* Remembers in the kernel that clients have numbers up to LAST. */
int write_last_client(const struct policy_object *object, uint32_t last);

/*
 * All of it: CIDs first, so that they are kept from unlabelled tasks before anyone can gain a label, then the rules.  What
 * stands there under the same keys is replaced.
 */
int write_maps(const struct plan *plan, const struct rule_set *set, const struct policy_object *object);

#endif
