/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One step of a walk over the entries of a map (state.h), of whichever kind. */
#ifndef BPF_WALK_H
#define BPF_WALK_H

#include "seal_search.h"

/*
 * A task that has ended, and that its parent has not waited for, has no file and no memory left, so it needs no label: its entry
 * makes room.  (task_gone would drop it only when the parent waits.)  An entry's task is there as long as the entry.
 */
static __always_inline void drop_if_ended(__u64 address)
{
	const struct task_struct *task = (const void *)address;

	if (BPF_CORE_READ(task, exit_state) && bpf_map_delete_elem(&labels, &address) == 0)
		__sync_fetch_and_add(&state.labelled, -1);
}

static __always_inline void drop_if_on_device(const struct evm_file_id *id, struct walk *walk)
{
	if (id->dev == walk->dev)
		bpf_map_delete_elem(&rules, id);
	else
		walk->others += evm_filter_same(id->dev, walk->dev);
}

/* Longer keys are copied by the helper: to a verifier that does not know the kind, a key is of the smallest size, which is an array's. */
static long walk_step(struct bpf_map *map, const void *key, void *value, struct walk *walk)
{
	__u32 number = *(const __u32 *)key;
	struct evm_file_id id = {};
	__u64 address = 0;

	switch (walk->kind) {
	case WALK_LABELS:
		if (!bpf_probe_read_kernel(&address, sizeof(address), key))
			drop_if_ended(address);
		return 0;
	case WALK_RULES:
		if (!bpf_probe_read_kernel(&id, sizeof(id), key))
			drop_if_on_device(&id, walk);
		return 0;
	}
	if (number >= walk->steps)
		return 1;
	if (walk->kind == WALK_USED_MAPS)
		search_used_map(number, walk);
	else
		search_chunk(number, walk);
	return 0;
}

#endif
