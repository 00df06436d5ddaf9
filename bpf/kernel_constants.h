/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Numbers of the kernel's inside that are in no type information, so CO-RE can't look them up.  Each of them is checked when the
 * policy is loaded, by something that user space can see of it (userspace/init/kernel_facts.h, exec_proof.h, seal_proof.h): a
 * kernel in which one has another value gets no seal.  What user space passes to the kernel itself (ioctls, flags of mount(2),
 * address families, modes of files) can't change and is no such number.
 *
 * Tests build the policy with one of them wrong (-DMUTANT_NAME=BITS) and look whether that is found.
 */
#ifndef BPF_KERNEL_CONSTANTS_H
#define BPF_KERNEL_CONSTANTS_H

#ifndef MUTANT_FMODE_WRITE
#define MUTANT_FMODE_WRITE 0
#endif
#ifndef MUTANT_LSM_UNSAFE_SHARE
#define MUTANT_LSM_UNSAFE_SHARE 0
#endif
#ifndef MUTANT_LSM_UNSAFE_PTRACE
#define MUTANT_LSM_UNSAFE_PTRACE 0
#endif
#ifndef MUTANT_LSM_UNSAFE_NO_NEW_PRIVS
#define MUTANT_LSM_UNSAFE_NO_NEW_PRIVS 0
#endif
#ifndef MUTANT_PTRACE_MODE_ATTACH
#define MUTANT_PTRACE_MODE_ATTACH 0
#endif
#ifndef MUTANT_CTIME_NSEC_MASK
#define MUTANT_CTIME_NSEC_MASK 0
#endif
#ifndef MUTANT_LOCKDOWN_REASON
#define MUTANT_LOCKDOWN_REASON 0
#endif
#ifndef MUTANT_MINOR
#define MUTANT_MINOR 0
#endif

enum {
	FMODE_WRITE = 0x2 ^ MUTANT_FMODE_WRITE, /* include/linux/fs.h */
	/* include/linux/security.h: linux_binprm.unsafe */
	LSM_UNSAFE_SHARE = 0x1 ^ MUTANT_LSM_UNSAFE_SHARE,
	LSM_UNSAFE_PTRACE = 0x2 ^ MUTANT_LSM_UNSAFE_PTRACE,
	LSM_UNSAFE_NO_NEW_PRIVS = 0x4 ^ MUTANT_LSM_UNSAFE_NO_NEW_PRIVS,
	PTRACE_MODE_ATTACH = 0x2 ^ MUTANT_PTRACE_MODE_ATTACH, /* include/linux/ptrace.h */
	/* the top bit is a flag from 6.13 on (multigrain timestamps) */
	CTIME_NSEC_MASK = 0x7fffffff ^ MUTANT_CTIME_NSEC_MASK,
};

#endif
