/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Can this kernel enforce the policy, and which variant of it?
 */
#ifndef INIT_FEATURES_H
#define INIT_FEATURES_H

#include <stdbool.h>

#include "common/kernel_needs.h"
#include "init/policy_object.h"

/*
 * Checks what the policy needs: `bpf` among the active LSMs, the kernel's type information, trampolines.  What is
 * missing is said, with the way to get it.  Returns 0 or -EOPNOTSUPP.
 */
int features_check(void);

/* Is the kernel's lockdown in force, of either level?  The level can be raised until the next boot, and never lowered. */
bool features_are_locked_down(void);

/* Makes the vhost-vsock module load, if it is one and can be had: its types are needed for the CID checks. */
void features_load_vhost_vsock(void);

/* What the kernel has.  0, or a negative errno where its type information can't be read, which is said. */
int features_find(struct policy_features *ret);

#endif
