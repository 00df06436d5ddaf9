/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is the kernel's inside what the policy takes it for?  What the programs read there is compared with what the kernel shows to
 * user space.  See also exec_proof.h and seal_proof.h, which compare what the programs do.
 */
#ifndef INIT_KERNEL_FACTS_H
#define INIT_KERNEL_FACTS_H

#include "init/policy_object.h"

/*
 * Checks all facts, and says of each that does not hold what it is.  RET_CHAIN: the mounts between the pins and the root.
 * 0; -EPROTO: one does not hold; another negative errno: they can't be checked.
 */
int kernel_facts_check(const struct policy_object *object, struct evm_chain *ret_chain);

#endif
