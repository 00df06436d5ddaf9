/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The proof that the seal is in force: what it refuses is tried, and the policy must have refused it and counted that.  Each try
 * is one that changes nothing, or nothing but what is made for it, should it succeed.
 */
#ifndef INIT_SEAL_PROOF_H
#define INIT_SEAL_PROOF_H

#include "init/policy_object.h"
#include "init/exec_proof.h"

/* What must be there before the maps are frozen. */
struct seal_proof {
	const struct policy_object *object;
	int directory; /* a file system of its own, with one listed file */
	struct proof_task task;
	char point[256]; /* the directory below the root on which the pins' mounts are mounted, "": none */
};

/* clang-format off */
#define SEAL_PROOF_NONE { NULL, -1, PROOF_TASK_NONE, "" }
/* clang-format on */

/* 0 or a negative errno after a message.  The caller ends it with seal_proof_end, also after a failure. */
int seal_proof_prepare(const struct policy_object *object, const struct evm_chain *chain, struct seal_proof *ret);

/*
 * Tries everything, with the seal SEAL switched on.  Returns 0, and the bits of what was tried (early_vm/proof.h) in RET_PROOFS;
 * what can't be tried on this machine has none.  -EACCES after a message for each that was not refused.
 */
int seal_proof_try(const struct seal_proof *proof, const struct evm_seal *seal, uint64_t *ret_proofs);

void seal_proof_end(struct seal_proof *proof);

#endif
