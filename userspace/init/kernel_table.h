/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules and CIDs that the kernel's policy has, and what is listed no longer.
 */
#ifndef INIT_KERNEL_TABLE_H
#define INIT_KERNEL_TABLE_H

#include "init/rule_set.h"

struct kernel_table {
	struct evm_file_id ids[EVM_MAX_RULES];
	struct evm_rule rules[EVM_MAX_RULES];
	size_t rule_count;
	struct plan_cid cids[EVM_MAX_CIDS]; /* without names */
	size_t cid_count;
	struct plan_known clients[EVM_MAX_RULES]; /* paths of the rules above */
	size_t client_count;
	uint32_t last_client;
	struct evm_range reserved[EVM_MAX_RANGES];
};

/* Returns 0 or a negative errno after a message.  RET is large: no place for it on a stack. */
int kernel_table_read(const struct policy_object *object, struct kernel_table *ret);

/* Is there room for PLAN and SET beside all that the kernel has now?  Says so if not: -ENOSPC. */
int kernel_table_check_room(const struct kernel_table *table, const struct plan *plan, const struct rule_set *set);

/* The owner of CID; 0: it is not listed. */
uint32_t kernel_table_owner(const struct kernel_table *table, uint32_t cid);

/* Is there a rule for PATH, or for ID? */
bool kernel_table_has_path(const struct kernel_table *table, const char *path);
bool kernel_table_has_id(const struct kernel_table *table, const struct evm_file_id *id);

#endif
