/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Failing closed: when the policy can't be enforced, nobody gets KVM.  Each function says what it did, or that it failed.
 */
#ifndef INIT_LOCKOUT_H
#define INIT_LOCKOUT_H

/*
 * Makes sure that nobody can open the two devices, by a small program that needs no BPF LSM, or by programs of the policy
 * that are attached already.  0: it is proved that this process is refused.  -EACCES: KVM can still be had.
 */
int lockout(void);

/*
 * Seals what lockout() did until the next boot: the policy is loaded once more, without rules, and sealed, and with it
 * the pin of the small program.  Call it after lockout() succeeded; whatever fails, KVM stays closed as it was.
 * 0, or a negative errno.
 */
int lockout_seal(void);

/*
 * Where lockout() failed: takes away the modules of KVM and the device nodes.  0, or -EACCES: KVM is built in or in use.
 * lockout_modules_for_good also forbids to load any module before the next boot.
 */
int lockout_modules(void);
int lockout_modules_for_good(void);

#endif
