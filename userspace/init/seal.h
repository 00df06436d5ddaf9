/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sealing: from here on, until the next boot, the policy stays as it is (bpf/seal.h says what is refused).
 */
#ifndef INIT_SEAL_H
#define INIT_SEAL_H

#include <stdbool.h>

#include "init/policy_object.h"

struct seal_options {
	bool debuggable;       /* labelled tasks may still be traced */
	bool earlier_programs; /* false: -EEXIST where BPF programs of others are there that the seal would refuse */
};

/*
 * Seals the policy, with the rules that it has.  Everything must be pinned before, and this process must be in the
 * mount namespace of PID 1, because the pins live as long as the mount that they are on.
 * Returns 0, or a negative errno after a message; the policy enforces then, and is not sealed.
 */
int seal_policy(const struct policy_object *object, const struct seal_options *options);

#endif
