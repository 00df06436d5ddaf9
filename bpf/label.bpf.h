/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The labels of tasks: they are gained and changed by exec, inherited by fork, and end with the task.
 *
 * Why a task can't forge one: the decision is taken on the file that the kernel is about to run (after scripts and
 * other interpreters are resolved), identified by its inode and not by a path; the rules are written by the loader
 * alone; and a label that is new to the task asks for an exec that nobody outside influences (evm_exec_unclean).
 *
 * Known gap: the libraries of a dynamic executable are not part of its identity (docs/threat_model.md).
 */
#ifndef BPF_LABEL_H
#define BPF_LABEL_H

#include "audit.h"
#include <early_vm/decide.h>

/* "\177ELF" read as a little-endian number: all kernels that this policy is built for are little-endian. */
enum { ELF_MAGIC = 0x464c457f };

enum { SECCOMP_DEPTH = 32 };

/*
 * Does another process answer for the kernel what TASK asks it?  It could give the new program other files than it wants to
 * open, and so other code: this is tracing by another name.  Filters stay through an exec; a task with more than that is treated
 * for supervised.
 */
static __always_inline __u32 is_supervised(struct task_struct *task)
{
	struct seccomp_filter *filter;

	if (!bpf_core_field_exists(task->seccomp.filter))
		return 0;
	filter = BPF_CORE_READ(task, seccomp.filter);
	for (int i = 0; i < SECCOMP_DEPTH && filter; i++) {
		if (BPF_CORE_READ(filter, notif))
			return 1;
		filter = BPF_CORE_READ(filter, prev);
	}
	return filter != NULL;
}

/*
 * Has TASK its root and current directory in common with another process (CLONE_FS), which could change them while the program
 * runs?  Not asked of PID 1, which shares them with the kernel's own threads.
 */
static __always_inline __u32 shares_directories(struct task_struct *task, int unsafe)
{
	return unsafe & LSM_UNSAFE_SHARE && BPF_CORE_READ(task, tgid) != 1;
}

/*
 * Read through the helper and not by plain loads: newer verifiers search the kernel's whole type information for each
 * pointer that a plain load yields, and only an exec of a listed file comes here.
 */
static __always_inline struct evm_exec exec_facts(struct linux_binprm *bprm, struct file *file,
						  struct task_struct *task)
{
	int unsafe = BPF_CORE_READ(bprm, unsafe);
	struct evm_exec facts = {};
	__u32 magic = 0;

	bpf_core_read(&magic, sizeof(magic), &bprm->buf);
	facts.traced = (unsafe & LSM_UNSAFE_PTRACE) | is_supervised(task);
	facts.no_new_privs = unsafe & LSM_UNSAFE_NO_NEW_PRIVS;
	facts.shared_fs = shares_directories(task, unsafe);
	facts.user_ns = BPF_CORE_READ(bprm, cred, user_ns, level);
	facts.mount_ns = BPF_CORE_READ(task, nsproxy, mnt_ns, user_ns, level);
	facts.not_elf = magic ^ ELF_MAGIC;
	facts.interpreted = BPF_CORE_READ(bprm, file) != file;
	return facts;
}

/* Keeps what the exec will make of the label until it can no longer fail. */
static __always_inline long keep_next(const struct task_struct *task, struct evm_task *entry, struct evm_label next)
{
	struct evm_task fresh = {};

	if (entry) {
		entry->next = next;
		return 0;
	}
	if (next.role == EVM_ROLE_NONE)
		return 0;
	fresh.next = next;
	return set_entry(task, &fresh);
}

/* Decides; runs once in each exec, with the file whose credentials count. */
SEC("lsm/bprm_creds_from_file")
int BPF_PROG(exec_decide, struct linux_binprm *bprm, struct file *file)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct evm_file_id id = identity(file->f_inode);
	struct evm_rule *rule = bpf_map_lookup_elem(&rules, &id);
	struct evm_label now = { 0, EVM_ROLE_NONE };
	struct evm_exec_verdict verdict;
	struct evm_exec facts = {};
	__u32 client = 0, kinds = 0;
	struct evm_task *entry;

	/* The facts before the look-up of the label: behind it the verifier would follow them twice, with a label and without. */
	if (rule) {
		client = rule->client;
		kinds = rule->kinds;
		facts = exec_facts(bprm, file, task);
	}
	entry = task_entry(task);
	if (!rule && !entry)
		return 0;
	if (entry)
		now = entry->label;
	verdict = evm_decide_exec(now, client, kinds, facts);
	if (verdict.reason == EVM_ALLOWED && keep_next(task, entry, verdict.next))
		verdict.reason = EVM_TABLE_FULL;
	if (verdict.reason != EVM_ALLOWED) {
		audit(refusal(EVM_OP_EXEC, verdict.reason), id.ino, object_of(id.dev, client), 0, 0);
		if (entry)
			entry->next = verdict.next;
		return 0;
	}
	if (verdict.secure)
		bpf_bprm_opts_set(bprm, BPF_F_BPRM_SECUREEXEC);
	return 0;
}

/* Takes effect: from here on the new program runs, and the other threads of the process are gone. */
SEC("lsm/bprm_committed_creds")
int BPF_PROG(exec_commit, struct linux_binprm *bprm)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct evm_task *entry = task_entry(task);

	if (!entry)
		return 0;
	if (entry->next.role == EVM_ROLE_NONE) {
		/* A busy bucket can refuse the deletion: then the entry stays, and says "no label". */
		entry->label = entry->next;
		drop_entry(task);
		return 0;
	}
	entry->label = entry->next;
	entry->pid = bpf_get_current_pid_tgid() >> 32;
	return 0;
}

SEC("lsm/task_alloc")
int BPF_PROG(fork_inherit, struct task_struct *child, unsigned long clone_flags)
{
	struct evm_task *parent, inherited = {};
	int r;

	if (!state.labelled)
		return 0;
	parent = task_entry(bpf_get_current_task_btf());
	if (!parent || parent->label.role == EVM_ROLE_NONE) {
		/* Nothing of a dead task that had this address may reach the child. */
		r = drop_entry(child);
		return r == 0 || r == -ENOENT ? 0 : -EAGAIN;
	}
	inherited.label = parent->label;
	inherited.pid = parent->pid;
	if (set_entry(child, &inherited) == 0)
		return 0;
	audit(refusal(EVM_OP_FORK, EVM_TABLE_FULL), 0, 0, 0, 0);
	return -EAGAIN;
}

SEC("lsm/task_free")
int BPF_PROG(task_gone, struct task_struct *task)
{
	if (state.labelled)
		drop_entry(task);
	return 0;
}

#endif
