/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The seal of labelled tasks: they are neither traced by others nor written to by tracing machinery.
 *
 * A uprobe writes a breakpoint into every process that maps the probed file, at an offset that the kernel does not check for being
 * the begin of an instruction, and one with a reference counter adds 1 to 16 bits of the file's data as well.  So nobody sets one
 * once the policy is sealed.  There are four ways to do so: perf_event_open(2) is refused here, bpf(2) in seal_bpf.bpf.h, and the
 * files uprobe_events and dynamic_events of tracefs can't be opened for writing (seal_file.bpf.h: what is written there no hook sees).
 */
#ifndef BPF_SEAL_TASK_H
#define BPF_SEAL_TASK_H

#include "seal_refusal.h"
#include "seal_search.h"
#include <early_vm/decide.h>

enum {
	PERF_SECURITY_OPEN = 0, /* include/linux/perf_event.h */
};

static __always_inline int decide_trace(const struct task_struct *tracer, const struct task_struct *target,
					__u32 target_pid)
{
	struct evm_label label = label_of(target);
	__u32 reason = evm_decide_trace(label_of(tracer), label, state.seal.debuggable);

	if (reason == EVM_ALLOWED)
		return 0;
	audit(refusal(EVM_OP_TRACE, reason), target_pid, object_of(0, label.client), 0, (__u64)tracer);
	return -EPERM;
}

/* Reading (ps, /proc/PID/maps) is not asked with ATTACH, and stays allowed. */
SEC("lsm/ptrace_access_check")
int BPF_PROG(seal_trace, struct task_struct *target, unsigned int mode)
{
	if (!state.seal.sealed || !state.labelled || !(mode & PTRACE_MODE_ATTACH))
		return 0;
	return decide_trace(bpf_get_current_task_btf(), target, BPF_CORE_READ(target, tgid));
}

SEC("lsm/ptrace_traceme")
int BPF_PROG(seal_traceme, struct task_struct *tracer)
{
	if (!state.seal.sealed || !state.labelled)
		return 0;
	return decide_trace(tracer, bpf_get_current_task_btf(), bpf_get_current_pid_tgid() >> 32);
}

/* --- uprobes ----------------------------------------------------------------------------------------------------- */

/*
 * Newer kernels don't hand the attributes of the event to this hook, and the caller's own memory may change under us.  But
 * the system call holds the copy that counts on the kernel's stack, near its upper end, until it is done.  So the stack is
 * searched: the copy is always found, and what is left over from an earlier call of the same thread, which would look like one,
 * can only refuse too much.  Tried when the seal is set (EVM_PROOF_UPROBE).
 */
enum { STACK_CHUNKS = 14 }; /* 3.5 KiB; the kernel moves the stack by 1 KiB at most at each call */
_Static_assert(STACK_CHUNKS <= SEARCH_MAX_CHUNKS, "each chunk is searched");

static __always_inline __u32 has_uprobe_on_stack(void)
{
	struct walk search = { .kind = WALK_STACK, .memory = (__u64)bpf_task_pt_regs(bpf_get_current_task_btf()) };

	return may_be_found(STACK_CHUNKS, &search);
}

/* Its arguments have changed: (attributes, kind of question) up to some 6.12, then the kind alone. */
SEC("lsm/perf_event_open")
int seal_perf_event(unsigned long long *ctx)
{
	__u64 first = 0, type_size = 0;

	if (!state.seal.sealed)
		return 0;
	bpf_get_func_arg(ctx, 0, &first);
	if (bpf_get_func_arg_cnt(ctx) == 1) {
		if ((__u32)first != PERF_SECURITY_OPEN || !has_uprobe_on_stack())
			return 0;
	} else {
		if (!bpf_probe_read_kernel(&type_size, sizeof(type_size), (void *)first) && !is_uprobe(type_size))
			return 0;
	}
	return refuse(EVM_OP_PROBE, EVM_SEALED_UPROBE, 0, 0);
}

#endif
