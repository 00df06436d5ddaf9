/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The policy that an earlier run loaded, opened again by its pins.
 */
#ifndef INIT_POLICY_PINNED_H
#define INIT_POLICY_PINNED_H

#include "init/policy_object.h"

/*
 * Opens the pinned policy for changes.  Returns 0, or a negative errno after a message: -ENOENT: none is loaded, or not
 * whole (closed after a failure); -EPERM: it is sealed; -EBUSY: another run changes it now.
 * The caller ends it with policy_object_close, and RET_LOCK, which keeps other runs away, with close.
 */
int policy_pinned_open(struct policy_object *ret, int *ret_lock);

/*
 * Opens the pinned maps for reading, sealed or not, without a lock.  0, or a negative errno after a message; RET is
 * untouched then.  The caller ends it with policy_object_close.
 */
int policy_pinned_open_maps(struct policy_object *ret);

#endif
