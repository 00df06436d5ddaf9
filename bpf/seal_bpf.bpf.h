/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The seal against BPF programs, maps and links of others, root's included.
 *
 * The choke point is where a task gets the descriptor of a program or a map: loading, and opening by ID or by pin, all pass
 * there (bpf_prog_new_fd, bpf_map_new_fd).  What a program may be is a closed list (may_be_loaded): a kind of program or a hook
 * that is not known to be harmless is refused.  Reading stays allowed: bpftool shows and dumps everything.
 *
 * The policy's programs have no global function but their entry points, which the kernel lets nobody replace (freplace): an
 * extension can be moved to another target when it is linked, and no hook sees that.  bpf/build.mk checks it.
 */
#ifndef BPF_SEAL_BPF_H
#define BPF_SEAL_BPF_H

#include <early_vm/program_types.h>

#include "seal_refusal.h"
#include "seal_search.h"

static __always_inline __u32 may_use_our_maps(const struct bpf_prog_aux *aux)
{
	struct walk search = { .kind = WALK_USED_MAPS, .memory = (__u64)BPF_CORE_READ(aux, used_maps) };
	__u32 count = BPF_CORE_READ(aux, used_map_cnt);

	return count > MAX_USED_MAPS || may_be_found(count, &search);
}

/* What this header's kernel may not know yet: include/uapi/linux/bpf.h, where numbers are only ever added. */
enum {
	LAST_KNOWN_ATTACH_TYPE = 58, /* BPF_TRACE_FSESSION */
	TRACE_UPROBE_MULTI = 48,
	TRACE_UPROBE_SESSION = 57,
	TRACE_FSESSION = 58,
};

/* A tracing program: it may look on.  One that answers (fmod_ret), or writes (iterators), must be known. */
static __always_inline __u32 may_trace(__u32 attach_type, __u32 function, const struct bpf_prog *target)
{
	switch (attach_type) {
	case BPF_TRACE_RAW_TP:
	case BPF_TRACE_FENTRY:
	case BPF_TRACE_FEXIT:
	case TRACE_FSESSION:
		return 1;
	case BPF_MODIFY_RETURN:
		return !target && is_in(state.seal.modify_return, EVM_MAX_MODIFY_RETURN, function);
	case BPF_TRACE_ITER:
		return !target && function && is_in(state.seal.iterators, EVM_MAX_ITERATORS, function);
	}
	return 0;
}

/* Of a type of which any program may be loaded, or any function of a program be replaced (early_vm/program_types.h)? */
static __always_inline __u32 is_free_type(__u32 type)
{
	return type < 64 && EVM_FREE_PROGRAM_TYPES >> type & 1;
}

/* bpf_override_return: it would answer a system call in the place of the kernel (CONFIG_BPF_KPROBE_OVERRIDE). */
static __always_inline __u32 overrides_return(const struct bpf_prog *prog)
{
	return bpf_core_field_exists(prog->kprobe_override) ? BPF_CORE_READ_BITFIELD_PROBED(prog, kprobe_override) : 0;
}

/* From 6.18 on a program at a uprobe may set the registers of its task, and so what a labelled task does next. */
static __always_inline __u32 sets_registers(const struct bpf_prog_aux *aux)
{
	return bpf_core_field_exists(aux->kprobe_write_ctx) ? BPF_CORE_READ(aux, kprobe_write_ctx) : 0;
}

static __always_inline __u32 may_be_loaded(const struct bpf_prog *prog, const struct bpf_prog_aux *aux)
{
	const struct bpf_prog *target = BPF_CORE_READ(aux, dst_prog);
	__u32 function = BPF_CORE_READ(aux, attach_btf_id), type = BPF_CORE_READ(prog, type);

	if (target && is_in(state.seal.programs, EVM_MAX_PROGRAMS, BPF_CORE_READ(target, aux, id)))
		return 0;
	switch (type) {
	case BPF_PROG_TYPE_LSM:
		/* BPF_LSM_CGROUP sets its answer by a helper, and kernels do not check what it sets. */
		return BPF_CORE_READ(prog, expected_attach_type) == BPF_LSM_MAC && function &&
		       is_in(state.seal.lsm_hooks, EVM_MAX_LSM_HOOKS, function);
	case BPF_PROG_TYPE_TRACING:
		return may_trace(BPF_CORE_READ(prog, expected_attach_type), function, target);
	case BPF_PROG_TYPE_EXT:
		return is_free_type(BPF_CORE_READ(aux, saved_dst_prog_type));
	}
	return is_free_type(type) && !overrides_return(prog) && !sets_registers(aux);
}

/*
 * A program of another that is there since before the seal is trusted, as all that ran before: bpftool may look at it.  The time tells it
 * from a later one that has its ID, once that was free again.
 */
static __always_inline __u32 is_earlier(const struct bpf_prog_aux *aux, __u32 id)
{
	__u64 found = 0, difference;

	if (BPF_CORE_READ(aux, load_time) >= state.seal.since_ns)
		return 0;
	for (__u32 i = 0; i < EVM_MAX_EARLIER; i++) {
		difference = state.seal.earlier[i].id ^ id;
		barrier_var(difference);
		found |= (difference - 1) >> 63;
	}
	return (__u32)found;
}

static __always_inline int refuse_bpf(__u32 op, __u32 reason, __u32 id)
{
	return refuse(op, reason, id, 0);
}

SEC("lsm/bpf_prog")
int BPF_PROG(seal_bpf_prog, struct bpf_prog *prog)
{
	const struct bpf_prog_aux *aux;
	__u32 id;

	if (!state.seal.sealed)
		return 0;
	aux = BPF_CORE_READ(prog, aux);
	id = BPF_CORE_READ(aux, id);
	if ((id && (is_in(state.seal.programs, EVM_MAX_PROGRAMS, id) || is_earlier(aux, id))) ||
	    (may_be_loaded(prog, aux) && !may_use_our_maps(aux)))
		return 0;
	return refuse_bpf(EVM_OP_LOAD_PROGRAM, EVM_SEALED_PROGRAM, id);
}

/* A word of what bpf(2) is asked: of the kernel's own copy, so it can't change under us.  ~0: it can't be read. */
static __always_inline __u32 asked(const void *word)
{
	__u32 value;

	return bpf_probe_read_kernel(&value, sizeof(value), word) ? ~0u : value;
}

/* A link of many uprobes writes into every process that maps the probed file (seal_task.bpf.h has the other ways to set uprobes). */
static __always_inline int check_link(const union bpf_attr *attr)
{
	__u32 type = asked(&attr->link_create.attach_type);

	if (type > LAST_KNOWN_ATTACH_TYPE)
		return refuse_bpf(EVM_OP_LOAD_PROGRAM, EVM_SEALED_LINK, 0);
	if (type != TRACE_UPROBE_MULTI && type != TRACE_UPROBE_SESSION)
		return 0;
	return refuse_bpf(EVM_OP_PROBE, EVM_SEALED_UPROBE, 0);
}

/*
 * An iterator takes its name from the program that it names as its target, or from a module, and its number, too: while it verifies such
 * a program, the kernel notes that number as the iterator's (bpf_iter_prog_supported), and later finds the iterator by the number alone.
 * So one over the values of maps would pass for one that is free for all.  Refused before it is verified: a refusal after that comes
 * too late.
 */
static __always_inline int check_load(const union bpf_attr *attr)
{
	__u32 type = asked(&attr->expected_attach_type);

	if ((type != BPF_TRACE_ITER && type != ~0u) || !asked(&attr->attach_prog_fd))
		return 0;
	return refuse_bpf(EVM_OP_LOAD_PROGRAM, EVM_SEALED_PROGRAM, 0);
}

SEC("lsm/bpf")
int BPF_PROG(seal_bpf, int cmd, union bpf_attr *attr)
{
	if ((cmd != BPF_LINK_CREATE && cmd != BPF_PROG_LOAD) || !state.seal.sealed)
		return 0;
	return cmd == BPF_LINK_CREATE ? check_link(attr) : check_load(attr);
}

/*
 * A tracing program with bpf_probe_write_user writes to the memory of whatever task it runs in, so a labelled task would do
 * what its author wants.  The kernel asks here before it lets a program have that helper.
 */
SEC("lsm/locked_down")
int BPF_PROG(seal_write_user, enum lockdown_reason what)
{
	if (!state.seal.sealed ||
	    what != bpf_core_enum_value(enum lockdown_reason, LOCKDOWN_BPF_WRITE_USER) + MUTANT_LOCKDOWN_REASON)
		return 0;
	return refuse_bpf(EVM_OP_LOAD_PROGRAM, EVM_SEALED_PROGRAM, 0);
}

/*
 * Could a map of maps with this INNER hold a map of the policy?  The kernel takes an inner map of the same type, key, value and
 * flags; ours have sizes (or a flag: the ring buffer, and the map that holds the pins) that others hardly have.  The map of
 * constants is left out: its flags forbid every program to write to it.
 */
static __always_inline __u32 could_hold_policy_map(const struct bpf_map *inner)
{
	__u32 type = BPF_CORE_READ(inner, map_type), key = BPF_CORE_READ(inner, key_size);
	__u32 value = BPF_CORE_READ(inner, value_size);

	if (type == BPF_MAP_TYPE_HASH)
		return (key == sizeof(struct evm_file_id) && value == sizeof(struct evm_rule)) ||
		       (key == 4 && value == sizeof(struct evm_cid)) ||
		       (key == 8 && (value == sizeof(struct evm_task) || value == sizeof(struct evm_claim)));
	if (type == BPF_MAP_TYPE_ARRAY)
		return value == sizeof(struct evm_event) || value == sizeof(struct evm_state);
	if (type == BPF_MAP_TYPE_PERCPU_ARRAY)
		return value == sizeof(struct evm_counter);
	if (type == BPF_MAP_TYPE_PERF_EVENT_ARRAY)
		return !!(BPF_CORE_READ(inner, map_flags) & BPF_F_PRESERVE_ELEMS);
	return type == BPF_MAP_TYPE_RINGBUF && BPF_CORE_READ(inner, map_flags) & BPF_F_NUMA_NODE;
}

SEC("lsm/bpf_map")
int BPF_PROG(seal_bpf_map, struct bpf_map *map)
{
	const struct bpf_map *inner;

	if (!state.seal.sealed)
		return 0;
	inner = BPF_CORE_READ(map, inner_map_meta);
	if (!inner || !could_hold_policy_map(inner))
		return 0;
	return refuse_bpf(EVM_OP_LOAD_MAP, EVM_SEALED_MAP, BPF_CORE_READ(map, id));
}

#endif
