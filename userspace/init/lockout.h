/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Failing closed: when the policy can't be enforced, nobody gets KVM.  Each function says what it did, or that it failed,
 * and says nothing that it has not tried: the devices are opened through nodes made for that.
 */
#ifndef INIT_LOCKOUT_H
#define INIT_LOCKOUT_H

/*
 * Makes sure that nobody can open the two devices, by a small program that needs no BPF LSM, or by what is in force already: that
 * program from an earlier run, a sealed policy, or programs of a policy without rules.  Then the same for creating VMs, claiming
 * CIDs and starting them on descriptors from before (init/lockout_ioctl.h).
 * 0: this process is refused all of it.  -EACCES: KVM can still be had.
 */
int lockout(void);

/*
 * Seals what lockout() did until the next boot: the policy is loaded once more, without rules, and sealed, and with it
 * the pin of the small program.  Call it after lockout() succeeded; whatever fails, KVM stays closed as it was.
 * 0, or a negative errno.
 */
int lockout_seal(void);

/*
 * Where lockout() failed: takes away the modules of KVM and the device nodes.  0: there is no driver behind the devices'
 * numbers any more.  -EACCES: KVM is built in or in use.  lockout_modules_for_good first forbids to load any module
 * before the next boot.
 */
int lockout_modules(void);
int lockout_modules_for_good(void);

/*
 * on_failure="open": takes away what was attached and pinned.  0, or -EPERM: a sealed policy, or what closed KVM before,
 * stays in force.
 */
int lockout_lift(void);

#endif
