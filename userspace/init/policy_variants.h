/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One loading function for each variant of the policy (bpf/build.mk makes their skeletons).  See policy_object_load.
 */
#ifndef INIT_POLICY_VARIANTS_H
#define INIT_POLICY_VARIANTS_H

#include "init/policy_object.h"

typedef int (*policy_variant_load)(char *log, size_t log_bytes, struct policy_object *ret);

int policy_full_load(char *log, size_t log_bytes, struct policy_object *ret);
int policy_no_compat_load(char *log, size_t log_bytes, struct policy_object *ret);
int policy_no_vsock_load(char *log, size_t log_bytes, struct policy_object *ret);
int policy_bare_load(char *log, size_t log_bytes, struct policy_object *ret);

/* Loads the iterators (bpf/iterators.bpf.c) and adds them to OBJECT.  0 or a negative errno; OBJECT is untouched then. */
int iterators_load(struct policy_object *object);

/* The program that refuses everyone (bpf/lockout.bpf.c): a program descriptor, or a negative errno. */
int lockout_load(void);

/* The same as an LSM program (bpf/lockout_lsm.bpf.c), which refuses only where `bpf` is among the active LSMs. */
int lockout_lsm_load(void);

/*
 * The programs that refuse ioctls (bpf/lockout_ioctl.bpf.c), of the kind fmod_ret and LSM; "32": for the calls of 32-bit programs.
 * A program descriptor, or a negative errno; -ENOENT: the kernel has no such function to attach to.
 */
int lockout_ioctl_load(void);
int lockout_ioctl_lsm_load(void);
int lockout_ioctl_32_load(void);
int lockout_ioctl_32_lsm_load(void);

/*
 * All of them, loaded as a variant is, with an audit of what they refuse (bpf/lockout_audited.bpf.c): programs and maps, of which the
 * others are -1.  The second has no programs for the calls of 32-bit programs.
 * 0, or a negative errno; RET is untouched then.  -ENOENT: the kernel has no function to which one of the programs attaches.  The
 * caller ends it with policy_object_close.
 */
int lockout_audited_load(char *log, size_t log_bytes, struct policy_object *ret);
int lockout_audited_no_compat_load(char *log, size_t log_bytes, struct policy_object *ret);

#endif
