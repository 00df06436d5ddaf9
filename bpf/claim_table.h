/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The map "claims": one claim or start on a vhost-vsock device at a time.
 *
 * Of its own, so that tests/unit/test_claim_table.c can compile it with maps of its own and let something happen between two
 * steps, which on a real kernel takes a new thread at the address of a dead one within twenty instructions.
 */
#ifndef BPF_CLAIM_TABLE_H
#define BPF_CLAIM_TABLE_H

#ifndef CLAIM_TABLE_TEST
#include "state.h"
#endif

static __always_inline __u32 holds_claim(__u64 device, __u64 task)
{
	const struct evm_claim *holder = bpf_map_lookup_elem(&claims, &device);

	return holder && holder->task == task;
}

/*
 * One claim or start on a device at a time.  The end of one can go unseen: another LSM refused the ioctl after us, or
 * the kernel left claim_done out, as it does when a task that runs it is preempted by one that is about to (a tracing
 * program does not nest on a processor).  So what a thread left behind is its own again at its next claim, and anyone's
 * when it is dead.  Only threads with a label get here, and keep it while they are in the ioctl: one without a label is dead.
 */
static __always_inline int begin_claim(__u64 device)
{
	struct evm_claim self = { (__u64)bpf_get_current_task_btf(), bpf_get_current_pid_tgid(), bpf_ktime_get_ns() },
			 *holder;
	__u64 task;

	if (bpf_map_update_elem(&claims, &device, &self, BPF_NOEXIST) == 0)
		return 0;
	holder = bpf_map_lookup_elem(&claims, &device);
	if (!holder)
		return -EPERM;
	task = holder->task;
	if (task == self.task)
		return 0;
	/* Of several that see a dead holder, one takes its place. */
	if (bpf_map_lookup_elem(&labels, &task) || __sync_val_compare_and_swap(&holder->task, task, self.task) != task)
		return -EPERM;
	/*
	 * The entry could have been freed since the look-up and be another device's now, of a new thread at the same address.  That
	 * thread gets it back; what it misses of this in between only excludes others from its device for longer.
	 */
	if (!holds_claim(device, self.task)) {
		__sync_val_compare_and_swap(&holder->task, self.task, task);
		return -EPERM;
	}
	holder->pid_tgid = self.pid_tgid;
	holder->time_ns = self.time_ns;
	return 0;
}

static __always_inline void end_claim(__u64 device)
{
	if (holds_claim(device, (__u64)bpf_get_current_task_btf()))
		bpf_map_delete_elem(&claims, &device);
}

#endif
