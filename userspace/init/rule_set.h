/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules of a plan as the kernel will know them: the files are opened, checked (common/client_file.h), and turned into
 * identities.
 */
#ifndef INIT_RULE_SET_H
#define INIT_RULE_SET_H

#include "common/plan.h"
#include "init/policy_object.h"

struct rule_set {
	struct evm_file_id ids[EVM_MAX_RULES]; /* each once */
	struct evm_rule rules[EVM_MAX_RULES];
	size_t count;
	size_t clients;     /* listed files that became rules: of clients ... */
	size_t other_files; /* ... and others; several may be one inode */
	size_t refused;     /* listed files that could not become rules: each was named */
};

/*
 * Files of the platform's policy that are absent are passed over.  Needs the iterator "resolve" of OBJECT.
 * Returns 0 or a negative errno after a message.  RET is large: no place for it on a stack.
 */
int rule_set_make(const struct plan *plan, const struct policy_object *object, struct rule_set *ret);

/* The place of ID in SET, or -1. */
int rule_set_find(const struct rule_set *set, const struct evm_file_id *id);

#endif
