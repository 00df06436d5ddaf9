/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The maps of the policy, and the look-ups that several programs share.
 *
 * `rules` and `cids` are filled once by the loader; `labels`, `claims` and the audit are written by the programs.
 */
#ifndef BPF_STATE_H
#define BPF_STATE_H

#include <early_vm/filter.h>

#include "identity.h"
#include "policy_variables.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 3 * EVM_MAX_RULES); /* each file has two guards */
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct evm_file_id);
	__type(value, struct evm_rule);
} rules SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, EVM_MAX_CIDS);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u32);
	__type(value, struct evm_cid);
} cids SEC(".maps");

/*
 * Keyed by the task's address and not kept in task storage: task storage loses look-ups under full preemption on 6.1,
 * and can't be dumped.  Preallocated: a label is never lost for want of memory.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, EVM_MAX_LABELS);
	__type(key, __u64);
	__type(value, struct evm_task);
} labels SEC(".maps");

/* vhost-vsock devices (by address) on which a thread (pid_tgid) is claiming or starting right now. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, EVM_MAX_CLAIMS);
	__type(key, __u64);
	__type(value, struct evm_claim);
} claims SEC(".maps");

/* Holds the file system of the pins, in which it is pinned itself (userspace/init/self_hold.h).  No program uses it. */
struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_PRESERVE_ELEMS); /* what is put in stays when the descriptor is closed */
	__type(key, __u32);
	__type(value, __u32);
} hold SEC(".maps");

static __always_inline struct evm_task *task_entry(const struct task_struct *task)
{
	__u64 key = (__u64)task;

	return state.labelled ? bpf_map_lookup_elem(&labels, &key) : NULL;
}

static __always_inline struct evm_label label_of(const struct task_struct *task)
{
	struct evm_task *entry = task_entry(task);
	struct evm_label none = { 0, EVM_ROLE_NONE };

	return entry ? entry->label : none;
}

/*
 * A walk over the entries of a map.  One function for all kinds (walk.h), because libbpf's loader has room for 32 functions of an object
 * (bpf/build.mk counts them).
 */
enum walk_kind { WALK_LABELS, WALK_RULES, WALK_USED_MAPS, WALK_STACK };

struct walk {
	__u64 kind;
	__u32 dev;    /* WALK_RULES: the file system whose rules go */
	__u32 others; /* rules of other devices that the filter does not tell from DEV */
	/* WALK_USED_MAPS: a program's array of pointers to its maps; WALK_STACK: where the chunks end (seal_search.h) */
	__u64 memory;
	__u64 steps, found;
};

static long walk_step(struct bpf_map *map, const void *key, void *value, struct walk *walk);

/* Gives TASK an entry.  Not 0: there is no room. */
static __always_inline long set_entry(const struct task_struct *task, const struct evm_task *entry)
{
	struct walk walk = { .kind = WALK_LABELS };
	__u64 key = (__u64)task;

	/* An old entry of a task that had this address is overwritten, and was counted already. */
	if (bpf_map_lookup_elem(&labels, &key))
		return bpf_map_update_elem(&labels, &key, entry, BPF_EXIST);
	__sync_fetch_and_add(&state.labelled, 1);
	if (bpf_map_update_elem(&labels, &key, entry, BPF_NOEXIST) == 0)
		return 0;
	bpf_for_each_map_elem(&labels, walk_step, &walk, 0);
	if (bpf_map_update_elem(&labels, &key, entry, BPF_NOEXIST) == 0)
		return 0;
	__sync_fetch_and_add(&state.labelled, -1);
	return -EAGAIN;
}

/* 0, -ENOENT, or -EBUSY: an interrupt found the bucket in use. */
static __always_inline int drop_entry(const struct task_struct *task)
{
	__u64 key = (__u64)task;
	/* The cast matters: up to 6.3 the helper's upper half is undefined (it returns an int). */
	int r = (int)bpf_map_delete_elem(&labels, &key);

	if (r == 0)
		__sync_fetch_and_add(&state.labelled, -1);
	return r;
}

/* The client that CID (or a port of that number) is listed for; 0: nobody. */
static __always_inline __u32 owner_of(__u32 cid)
{
	struct evm_cid *listed = bpf_map_lookup_elem(&cids, &cid);

	return listed ? listed->client : 0;
}

/*
 * 1 exactly if A < B, without a branch: with one for each range, 6.1 would look at every combination of them.  The
 * compiler must not see that the sign of the difference is a comparison, or it makes a branch of it.
 */
static __always_inline __u32 below(__u32 a, __u32 b)
{
	__u64 difference = (__u64)a - (__u64)b;

	barrier_var(difference);
	return difference >> 63;
}

static __always_inline __u32 is_reserved(__u32 cid)
{
	const struct evm_range *ranges = state.reserved[state.reserved_now & 1];
	__u32 reserved = 0;

	DONT_UNROLL
	for (int i = 0; i < EVM_MAX_RANGES; i++)
		reserved |= below(cid - ranges[i].first, ranges[i].end - ranges[i].first);
	return reserved;
}

#endif
