/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The record of refusals: its maps, and how an event gets into them.  Needs nothing else of the policy, so the programs that
 * close KVM when there is no policy have it too (lockout_audited.bpf.c).
 *
 * Each refusal is counted by its reason, sent to the ring buffer for its reader, and kept among the newest
 * ones in an array, because bpftool can dump an array and not a ring buffer.  The audit never changes a decision: when
 * nobody empties the ring buffer, events are dropped there and counted as dropped.
 */
#ifndef BPF_AUDIT_RECORD_H
#define BPF_AUDIT_RECORD_H

#include "policy_variables.h"

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

static __always_inline void count(__u32 reason, __u64 now)
{
	struct evm_counter *counter = bpf_map_lookup_elem(&counters, &reason);

	if (!counter)
		return;
	__sync_fetch_and_add(&counter->count, 1);
	counter->last_ns = now;
}

/* EVENT says what was refused and why; its number, the time and the current task are filled in. */
static __always_inline void record_event(struct evm_event *event)
{
	__u64 pid_tgid = bpf_get_current_pid_tgid();
	__u32 slot;

	event->number = __sync_fetch_and_add(&state.recent_next, 1);
	slot = event->number & (EVM_RECENT - 1);
	event->time_ns = bpf_ktime_get_ns();
	event->pid = pid_tgid >> 32;
	event->tid = (__u32)pid_tgid;
	event->uid = (__u32)bpf_get_current_uid_gid();
	bpf_get_current_comm(event->comm, sizeof(event->comm));
	/* The clock's sign is 0, but not to the verifier, which would follow the rest once for each reason (from 6.14 on). */
	count(event->reason | event->time_ns >> 63, event->time_ns);
	bpf_map_update_elem(&recent, &slot, event, BPF_ANY);
	if (bpf_ringbuf_output(&events, event, sizeof(*event), 0))
		count(0, event->time_ns);
}

#endif
