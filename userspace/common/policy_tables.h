/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one reader of the loaded policy's rules and CIDs, for the loader and the auditor.
 */
#ifndef COMMON_POLICY_TABLES_H
#define COMMON_POLICY_TABLES_H

#include <early_vm/policy.h>

/* Called for each entry, which it must not keep; a negative errno ends the reading. */
typedef int (*policy_rule_taker)(void *data, const struct evm_file_id *id, const struct evm_rule *rule);
typedef int (*policy_cid_taker)(void *data, __u32 cid, const struct evm_cid *listed);

/*
 * Read all entries of the map "rules" (without the seal's own, which stand for the same files once more) or "cids" from a
 * descriptor of it.  Their strings end with a NUL, whatever the map has.
 * 0; what TAKE returned; or another negative errno.  They say nothing.  -EAGAIN: the map changes too fast.
 */
int policy_each_rule(int map_fd, policy_rule_taker take, void *data);
int policy_each_cid(int map_fd, policy_cid_taker take, void *data);

#endif
