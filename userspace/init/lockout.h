/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Failing closed: when the policy can't be enforced, nobody gets KVM.
 */
#ifndef INIT_LOCKOUT_H
#define INIT_LOCKOUT_H

/*
 * Makes sure that nobody can open the two devices, by what this kernel still offers, the strongest means first: a small
 * program that needs no BPF LSM, programs of the policy that are already attached, taking away the modules and the
 * device nodes.  0: it is proved that this process is refused.  -EACCES: KVM can still be had.  Says what it did.
 */
int lockout(void);

#endif
