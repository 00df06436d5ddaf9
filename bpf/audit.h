/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The audit: each refusal with its task, object and reason.
 *
 * Each refusal is counted by its reason, sent to the ring buffer for its reader, and kept among the newest
 * ones in an array, because bpftool can dump an array and not a ring buffer.  The audit never changes a decision: when
 * nobody empties the ring buffer, events are dropped there and counted as dropped.
 */
#ifndef BPF_AUDIT_H
#define BPF_AUDIT_H

#include "state.h"

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, EVM_EVENTS_BYTES);
	__uint(map_flags, BPF_F_NUMA_NODE); /* on node 0, which always is; the flag tells it from others (seal.h) */
	__uint(numa_node, 0);
} events SEC(".maps");

/* By enum evm_reason; slot 0 (EVM_ALLOWED refuses nothing) counts the events that did not fit into the ring buffer. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, EVM_REASON_COUNT);
	__type(key, __u32);
	__type(value, struct evm_counter);
} counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, EVM_RECENT);
	__type(key, __u32);
	__type(value, struct evm_event);
} recent SEC(".maps");

static __always_inline void count(__u32 reason)
{
	struct evm_counter *counter = bpf_map_lookup_elem(&counters, &reason);

	if (!counter)
		return;
	__sync_fetch_and_add(&counter->count, 1);
	counter->last_ns = bpf_ktime_get_ns();
}

/* What the object of an operation is; with room for any value that a mask leaves.  Volatile, so that it stays in .rodata as one variable. */
static const volatile __u8 op_objects[32] = {
#define OP_OBJECT(name, word, object, ...) [EVM_OP_##name] = EVM_OBJECT_##object,
	EVM_OPS(OP_OBJECT)
#undef OP_OBJECT
};
_Static_assert(EVM_OP_COUNT <= sizeof(op_objects), "room for every operation");

/*
 * Reports EVENT, of which the caller has set reason, op, label and the numbers of the object; the rest is filled in here, for every program.
 *
 * Static, although a global function would be verified once for each program and not once for each call: a global function can
 * be replaced by an extension (seal_bpf.bpf.h).
 */
static __noinline int audit(struct evm_event *event)
{
	__u64 pid_tgid = bpf_get_current_pid_tgid();
	struct evm_event *kept;
	__u32 slot;

	event->number = __sync_fetch_and_add(&state.recent_next, 1);
	slot = event->number & (EVM_RECENT - 1);
	event->object = op_objects[event->op % sizeof(op_objects)];
	event->time_ns = bpf_ktime_get_ns();
	event->pid = pid_tgid >> 32;
	event->tid = (__u32)pid_tgid;
	event->uid = (__u32)bpf_get_current_uid_gid();
	bpf_get_current_comm(event->comm, sizeof(event->comm));
	count(event->reason);
	kept = bpf_map_lookup_elem(&recent, &slot);
	if (kept)
		*kept = *event;
	if (bpf_ringbuf_output(&events, event, sizeof(*event), 0))
		count(0);
	return 0;
}

#endif
