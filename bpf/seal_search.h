/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Searches of the kernel's memory in many equal steps: a program's maps, a thread's kernel stack.
 *
 * The verifier looks at one step (walk.h) and not at each: they were half of what it had to look at.
 */
#ifndef BPF_SEAL_SEARCH_H
#define BPF_SEAL_SEARCH_H

#include "state.h"

/* 1 exactly if ID, which is not 0, is in LIST; without a branch, so that the verifier follows one path. */
static __always_inline __u32 is_in(const __u32 *list, __u32 count, __u32 id)
{
	__u64 found = 0, difference;

	for (__u32 i = 0; i < count; i++) {
		difference = list[i] ^ id;
		barrier_var(difference);
		found |= (difference - 1) >> 63;
	}
	return (__u32)found;
}

static __always_inline void search_used_map(__u32 number, struct walk *search)
{
	struct bpf_map *map = NULL;

	bpf_probe_read_kernel(&map, sizeof(map), (void *)(search->memory + number * sizeof(map)));
	search->found |= is_in(state.seal.maps, EVM_MAX_MAPS, BPF_CORE_READ(map, id));
}

/* PERF_ATTR_SIZE_VER0, and the greatest size that the kernel accepts. */
enum { PERF_ATTR_MIN_BYTES = 64, PERF_ATTR_MAX_BYTES = 4096 };

/*
 * TYPE_SIZE: the first 8 bytes of struct perf_event_attr (include/uapi/linux/perf_event.h), the type in the low half, the size in
 * the upper.  1 or 0, without a branch: hundreds of words are compared.
 */
static __always_inline __u64 is_uprobe(__u64 type_size)
{
	__u64 other_type = (type_size & 0xffffffff) ^ state.seal.uprobe_type;
	__u64 size = type_size >> 32;

	barrier_var(other_type);
	barrier_var(size);
	/* The sign of each: the type is that of uprobes, the size is not below the least, and is below one more than the most. */
	return ((other_type - 1) & ~(size - PERF_ATTR_MIN_BYTES) & (size - PERF_ATTR_MAX_BYTES - 1)) >> 63;
}

/*
 * What the kernels so far let a program name (include/linux/bpf_verifier.h).  More can be bound to it (BPF_PROG_BIND_MAP), and a
 * later kernel may allow more: a program with more is refused, because not all of its maps would be looked at.
 */
enum { MAX_USED_MAPS = 64 };

enum { SEARCH_CHUNK_WORDS = 32, SEARCH_MAX_CHUNKS = 16 };

/* Memory that can't be read counts as found. */
static __always_inline void search_chunk(__u32 chunk, struct walk *search)
{
	__u64 words[SEARCH_CHUNK_WORDS], found = 0;
	/* To the verifier the end is a pointer, which must not be moved without a limit. */
	__u64 back = ((chunk & (SEARCH_MAX_CHUNKS - 1)) + 1) * sizeof(words);

	if (bpf_probe_read_kernel(words, sizeof(words), (void *)(search->memory - back))) {
		search->found = 1;
		return;
	}
	for (__u32 i = 0; i < SEARCH_CHUNK_WORDS; i++)
		found |= is_uprobe(words[i]);
	search->found |= found;
}

_Static_assert((int)EVM_RECENT > (int)MAX_USED_MAPS && (int)EVM_RECENT > (int)SEARCH_MAX_CHUNKS,
	       "an entry for each step, and one to end");

/*
 * Is what SEARCH looks for in one of the STEPS, or was one of them left out, for whatever reason?  The steps are counted by the keys of
 * an array, and the entry after them ends the walk; its values are not looked at.
 */
static __always_inline __u32 may_be_found(__u32 steps, struct walk *search)
{
	search->steps = steps;
	return bpf_for_each_map_elem(&recent, walk_step, search, 0) != steps + 1 || search->found;
}

#endif
