/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The audit of what is refused while KVM is closed (init/lockout.h).  KVM is closed without it first, by programs that need no map;
 * whatever fails here leaves them as they are.
 */
#ifndef INIT_LOCKOUT_AUDIT_H
#define INIT_LOCKOUT_AUDIT_H

#include <early_vm/policy.h>

/*
 * Puts programs that record what they refuse in the place of those by which lockout() closed KVM, and pins their maps.  0, also
 * where that was done earlier in this boot or KVM is closed by other means; or a negative errno after a message: not all
 * refusals are recorded then.
 */
int lockout_audit(void);

/* Adds the IDs of the maps to those that the seal keeps from programs of others.  Not an error: there are no such maps. */
void lockout_audit_fill_seal(struct evm_seal *seal);

#endif
