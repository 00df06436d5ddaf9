/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
/*
 * The decisions of the policy, as pure functions on plain data: what a label becomes by an exec, and what a label
 * may do.  The BPF programs gather the facts and act on the answer; the unit tests, and `early_vmctl explain`, compile
 * the same functions.  No kernel type, no call, no state: safe from any thread.
 */
#ifndef EARLY_VM_DECIDE_H
#define EARLY_VM_DECIDE_H

#include <early_vm/policy.h>

#ifndef EVM_INLINE
#define EVM_INLINE static inline __attribute__((always_inline))
#endif

/* --- exec: what becomes of the label ------------------------------------------------------------------------- */

/*
 * What is known of an exec besides the label and the rule: each is 0, or anything else for "yes" (raw values, because
 * turning them into 0 and 1 costs the kernel's verifier a branch for each).
 */
struct evm_exec {
	__u32 traced;   /* another process traces the task, or answers its system calls (seccomp) */
	__u32 user_ns;  /* the task's user namespace is not the initial one */
	__u32 mount_ns; /* the owner of its mount namespace is not the initial user namespace */
	__u32 no_new_privs;
	/* another process has the task's root and current directory in common with it (CLONE_FS) */
	__u32 shared_fs;
	__u32 not_elf;     /* the file is no ELF binary */
	__u32 interpreted; /* the kernel will start another file than the one whose credentials count */
};

struct evm_exec_verdict {
	struct evm_label next; /* the label after the exec */
	__u32 secure;          /* make it AT_SECURE */
	__u32 reason;          /* EVM_ALLOWED, or why a label was not gained */
};

/* Why an exec is not clean enough to gain a label, or EVM_ALLOWED. */
EVM_INLINE __u32 evm_exec_unclean(__u32 kinds, struct evm_exec exec)
{
	if (exec.not_elf)
		return EVM_EXEC_NOT_ELF;
	if (exec.interpreted)
		return EVM_EXEC_INTERPRETED;
	if (exec.traced)
		return EVM_EXEC_TRACED;
	if (exec.user_ns)
		return EVM_EXEC_USER_NS;
	if (exec.mount_ns)
		return EVM_EXEC_MOUNT_NS;
	if (exec.shared_fs)
		return EVM_EXEC_SHARED_FS;
	if (exec.no_new_privs && !(kinds & EVM_KIND_ALLOW_NNP))
		return EVM_EXEC_NO_NEW_PRIVS;
	return EVM_ALLOWED;
}

/*
 * The label that a file gives to a task with the label NOW.  A client's file gives its own client's label to anyone;
 * manager and VMM keep the client and change the role; a kvm user stays one when it starts a VMM.
 */
EVM_INLINE struct evm_label evm_exec_target(struct evm_label now, __u32 client, __u32 kinds)
{
	struct evm_label next = { 0, EVM_ROLE_NONE };

	if (kinds & EVM_KIND_CLIENT) {
		next.client = client;
		next.role = EVM_ROLE_CLIENT;
	} else if ((kinds & EVM_KIND_MANAGER) && now.role == EVM_ROLE_CLIENT) {
		next.client = now.client;
		next.role = EVM_ROLE_MANAGER;
	} else if ((kinds & EVM_KIND_VMM) && (now.role == EVM_ROLE_CLIENT || now.role == EVM_ROLE_MANAGER)) {
		next.client = now.client;
		next.role = EVM_ROLE_VMM;
	} else if ((kinds & EVM_KIND_KVM_USER) || ((kinds & EVM_KIND_VMM) && now.role == EVM_ROLE_KVM_USER)) {
		next.role = EVM_ROLE_KVM_USER;
	}
	return next;
}

/* Is NEXT something that a task labelled NOW had no claim to before?  Then its exec must be clean. */
EVM_INLINE __u32 evm_exec_is_gain(struct evm_label now, struct evm_label next)
{
	if (next.role == EVM_ROLE_NONE)
		return 0;
	if (next.role == EVM_ROLE_KVM_USER)
		return now.role != EVM_ROLE_KVM_USER;
	return now.role == EVM_ROLE_NONE || now.client != next.client;
}

/*
 * The whole decision about an exec of a file with CLIENT and KINDS (0, 0 for a file without a rule).
 *
 * Every exec that ends with a label is AT_SECURE, so that LD_PRELOAD and its like are ignored; but not that of a VMM
 * that the manager starts: the manager makes its environment anew, and AT_SECURE would clear the PDEATHSIG by which
 * the VMM dies with its manager (fs/exec.c, begin_new_exec).
 */
EVM_INLINE struct evm_exec_verdict evm_decide_exec(struct evm_label now, __u32 client, __u32 kinds,
						   struct evm_exec exec)
{
	struct evm_exec_verdict verdict = { evm_exec_target(now, client, kinds), 0, EVM_ALLOWED };

	if (evm_exec_is_gain(now, verdict.next))
		verdict.reason = evm_exec_unclean(kinds, exec);
	if (verdict.reason != EVM_ALLOWED) {
		verdict.next.client = 0;
		verdict.next.role = EVM_ROLE_NONE;
	} else if (verdict.next.role != EVM_ROLE_NONE) {
		verdict.secure = !(verdict.next.role == EVM_ROLE_VMM && now.role == EVM_ROLE_MANAGER);
	}
	return verdict;
}

/* --- access: what a label may do ----------------------------------------------------------------------------- */

struct evm_access {
	__u32 op;       /* enum evm_op: EVM_OP_OPEN and up */
	__u32 owner;    /* client that the CID or port is listed for; 0: nobody */
	__u32 reserved; /* 1: the CID lies in a reserved range */
	__u32 running;  /* 1: EVM_OP_SET_CID on a device that runs */
};

/* May this role use the devices at all? */
EVM_INLINE __u32 evm_role_uses_devices(__u32 role)
{
	return role == EVM_ROLE_CLIENT || role == EVM_ROLE_VMM || role == EVM_ROLE_KVM_USER;
}

/* A CID that is claimed or started: a client's tasks take its own ones, a kvm user takes those that nobody keeps. */
EVM_INLINE __u32 evm_decide_claim(struct evm_label label, struct evm_access access)
{
	if (label.role == EVM_ROLE_KVM_USER) {
		if (access.owner)
			return EVM_FOREIGN_CID;
		return access.reserved ? EVM_RESERVED_CID : EVM_ALLOWED;
	}
	if (!access.owner)
		return EVM_UNLISTED_CID;
	return access.owner == label.client ? EVM_ALLOWED : EVM_FOREIGN_CID;
}

/* A listed port, or a socket bound to a listed CID: for the owner's client and manager. */
EVM_INLINE __u32 evm_decide_bind(struct evm_label label, struct evm_access access)
{
	if (!access.owner)
		return EVM_ALLOWED;
	if (label.role == EVM_ROLE_NONE)
		return EVM_NO_LABEL;
	if (label.role != EVM_ROLE_CLIENT && label.role != EVM_ROLE_MANAGER)
		return EVM_WRONG_ROLE;
	return access.owner == label.client ? EVM_ALLOWED : EVM_FOREIGN_CID;
}

/* The whole decision about an access: EVM_ALLOWED, or why it is refused. */
EVM_INLINE __u32 evm_decide_access(struct evm_label label, struct evm_access access)
{
	if (access.op == EVM_OP_BIND_PORT || access.op == EVM_OP_BIND_CID)
		return evm_decide_bind(label, access);
	if (label.role == EVM_ROLE_NONE)
		return EVM_NO_LABEL;
	if (!evm_role_uses_devices(label.role))
		return EVM_WRONG_ROLE;
	if (access.op == EVM_OP_SET_CID && access.running)
		return EVM_CLAIM_RUNNING;
	if (access.op == EVM_OP_SET_CID || access.op == EVM_OP_RUN_CID)
		return evm_decide_claim(label, access);
	return EVM_ALLOWED;
}

/* --- tracing of labelled tasks -------------------------------------------------------------- */

/*
 * TRACER is 0, 0 for an unlabelled task.  Only tasks of the same client may, unless the platform allows debugging; kvm users, who
 * all have the same rights, count as one client.
 */
EVM_INLINE __u32 evm_decide_trace(struct evm_label tracer, struct evm_label target, __u32 debuggable)
{
	if (target.role == EVM_ROLE_NONE || debuggable)
		return EVM_ALLOWED;
	return tracer.role != EVM_ROLE_NONE && tracer.client == target.client ? EVM_ALLOWED : EVM_SEALED_TASK;
}

#endif
