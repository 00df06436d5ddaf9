/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What keeps the policy as it is until the next boot, root included?
 *
 *   its maps      frozen against user space by the loader; here: no foreign program that uses them, no map that could
 *                 hold them, no iterator that writes through them
 *   its answers   no program that overrides a hook of ours (fmod_ret on the LSM's functions; a program that answers
 *                 before ours where a positive answer or any answer of it would skip ours)
 *   its tasks     no program that writes to the memory of others (bpf_probe_write_user)
 *   its pins      no unlink, rename, rmdir (seal_file.h); no umount of what they hang on, and no moving of that to where
 *                 it could vanish (seal_mount.h)
 *   ftrace        on which the programs hang: its switch can't be opened for writing (seal_file.h)
 *   listed files  no writing, no change of attributes, no removing, renaming, linking (seal_file.h)
 *   labelled tasks   no tracing by others
 *
 * The door is where a task is handed the descriptor of a program or a map: loading, and opening by id or by pin, all
 * come through there.  Reading stays allowed: bpftool shows and dumps everything.
 *
 * All of it asks state.seal.sealed, which the loader sets once; the map is frozen then.
 */
#ifndef BPF_SEAL_H
#define BPF_SEAL_H

#include "claim.h"
#include "seal_file.h"

enum {
	MS_MOVE = 8192,          /* include/uapi/linux/mount.h */
	MNT_DETACH = 2,          /* include/linux/fs.h */
	PTRACE_MODE_ATTACH = 2,  /* include/linux/ptrace.h */
	NAME_BYTES = 32,
};

/* --- mounts ----------------------------------------------------------------------------------------------------- */

static __always_inline __u32 has_mounts(const struct mount *mount)
{
	return BPF_CORE_READ(mount, mnt_mounts.next) != &mount->mnt_mounts;
}

/*
 * A mount of another file system than the pins', with nothing mounted on it, holds nothing of ours; and one with
 * something on it goes lazily alone (EBUSY otherwise), so only then is it worth a helper's call to ask which it is.
 */
SEC("lsm/sb_umount")
int BPF_PROG(seal_umount, struct vfsmount *mnt, int flags)
{
	const struct mount *target = (const void *)mount_of(mnt);

	if (!state.seal.sealed)
		return 0;
	if (mnt->mnt_sb->s_dev != state.seal.pin_dev && !(flags & MNT_DETACH && has_mounts(target)))
		return 0;
	if (!pins_hang_on_mount(target))
		return 0;
	return refuse_inode(EVM_OP_UMOUNT, EVM_SEALED_MOUNT, BPF_CORE_READ(target, mnt.mnt_root, d_inode));
}

static __always_inline int keep_from_vanishing(const struct path *to)
{
	const struct vfsmount *mnt = BPF_CORE_READ(to, mnt);
	const struct dentry *point = BPF_CORE_READ(to, dentry);

	if (!pins_could_vanish(mnt, point))
		return 0;
	return refuse_inode(EVM_OP_RENAME, EVM_SEALED_MOUNT, BPF_CORE_READ(point, d_inode));
}

/* What is moved is still a name here, so any move to such a place is refused. */
SEC("lsm/sb_mount")
int BPF_PROG(seal_mount, const char *source, struct path *to, const char *type, unsigned long flags)
{
	return state.seal.sealed && flags & MS_MOVE ? keep_from_vanishing(to) : 0;
}

SEC("lsm/move_mount")
int BPF_PROG(seal_move_mount, struct path *from, struct path *to)
{
	if (!state.seal.sealed || !pins_hang_on_mount((const void *)mount_of(BPF_CORE_READ(from, mnt))))
		return 0;
	return keep_from_vanishing(to);
}

/* The root, on which all hangs, is moved to PUT_OLD. */
SEC("lsm/sb_pivotroot")
int BPF_PROG(seal_pivot_root, struct path *put_old)
{
	return state.seal.sealed ? keep_from_vanishing(put_old) : 0;
}

/* --- BPF programs and maps of others ---------------------------------------------------------------------------- */

static __always_inline __u32 within(__u32 id, __u32 first, __u32 last)
{
	return id - first <= last - first;
}

enum { MAX_USED_MAPS = 64 }; /* include/linux/bpf.h */

static __always_inline __u32 uses_our_maps(const struct bpf_prog_aux *aux)
{
	struct bpf_map **maps = BPF_CORE_READ(aux, used_maps), *map;
	__u32 count = BPF_CORE_READ(aux, used_map_cnt);

	for (__u32 i = 0; i < MAX_USED_MAPS && i < count; i++) {
		map = NULL;
		bpf_probe_read_kernel(&map, sizeof(map), maps + i);
		if (within(BPF_CORE_READ(map, id), state.seal.first_map, state.seal.last_map))
			return 1;
	}
	return 0;
}

/* Functions that nobody else may attach to; a name without its end stands for all that start with it. */
static const char lsm_entry_points[] = "security_";
static const char map_iterator[] = "bpf_iter_bpf_map_elem";
static const char task_iterator[] = "bpf_iter_task";
static const char bpf_hooks[] = "bpf_lsm_bpf";
static const char exec_hook[] = "bpf_lsm_bprm_committed_creds";
static const char end_hook[] = "bpf_lsm_task_free";
static const char unmount_hook[] = "bpf_lsm_sb_delete";
static const char lockdown_hook[] = "bpf_lsm_locked_down";

#define STARTS_WITH(name, prefix) (!bpf_strncmp(name, sizeof(prefix) - 1, prefix))
#define IS(name, word) (!bpf_strncmp(name, sizeof(word), word))

/*
 * Would a program that is attached to the function NAME be asked instead of ours, or write where only ours may?  On a hook
 * without a result, and on BPF's own and lockdown's where a positive result is no refusal, any other program can end the
 * asking.  Another iterator over tasks could take the place of ours in its pinned link, and list nobody.
 */
static __always_inline __u32 attaches_badly(__u32 type, __u32 attach_type, const char *name)
{
	if (attach_type == BPF_MODIFY_RETURN)
		return STARTS_WITH(name, lsm_entry_points);
	if (attach_type == BPF_TRACE_ITER)
		return IS(name, map_iterator) || IS(name, task_iterator);
	return type == BPF_PROG_TYPE_LSM && (STARTS_WITH(name, bpf_hooks) || IS(name, exec_hook) || IS(name, end_hook) ||
					     IS(name, unmount_hook) || IS(name, lockdown_hook));
}

SEC("lsm/bpf_prog")
int BPF_PROG(seal_bpf_prog, struct bpf_prog *prog)
{
	const struct bpf_prog_aux *aux, *target;
	char name[NAME_BYTES] = {};

	if (!state.seal.sealed)
		return 0;
	aux = BPF_CORE_READ(prog, aux);
	if (within(BPF_CORE_READ(aux, id), state.seal.first_prog, state.seal.last_prog))
		return 0;
	target = BPF_CORE_READ(aux, dst_prog, aux);
	bpf_probe_read_kernel_str(name, sizeof(name), BPF_CORE_READ(aux, attach_func_name));
	if (!uses_our_maps(aux) &&
	    !(target && within(BPF_CORE_READ(target, id), state.seal.first_prog, state.seal.last_prog)) &&
	    !attaches_badly(BPF_CORE_READ(prog, type), BPF_CORE_READ(prog, expected_attach_type), name))
		return 0;
	return refuse(EVM_OP_LOAD_PROGRAM, EVM_SEALED_PROGRAM, 0, BPF_CORE_READ(aux, id), label_of(bpf_get_current_task_btf()));
}

/*
 * A tracing program with bpf_probe_write_user writes to the memory of whatever task it runs in, so a labelled task would do
 * what its author wants.  The kernel asks here before it lets a program have that helper.
 */
SEC("lsm/locked_down")
int BPF_PROG(seal_write_user, enum lockdown_reason what)
{
	if (!state.seal.sealed || what != bpf_core_enum_value(enum lockdown_reason, LOCKDOWN_BPF_WRITE_USER))
		return 0;
	return refuse(EVM_OP_LOAD_PROGRAM, EVM_SEALED_PROGRAM, 0, 0, label_of(bpf_get_current_task_btf()));
}

/*
 * Could a map of maps with this INNER hold one of ours?  The kernel takes an inner map of the same type, key, value and
 * flags; ours have sizes (and the ring buffer a flag) that others hardly have.
 */
static __always_inline __u32 could_hold_ours(const struct bpf_map *inner)
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
	return type == BPF_MAP_TYPE_RINGBUF && BPF_CORE_READ(inner, map_flags) & BPF_F_NUMA_NODE;
}

SEC("lsm/bpf_map")
int BPF_PROG(seal_bpf_map, struct bpf_map *map)
{
	const struct bpf_map *inner;

	if (!state.seal.sealed)
		return 0;
	inner = BPF_CORE_READ(map, inner_map_meta);
	if (!inner || !could_hold_ours(inner))
		return 0;
	return refuse(EVM_OP_LOAD_MAP, EVM_SEALED_MAP, 0, BPF_CORE_READ(map, id), label_of(bpf_get_current_task_btf()));
}

/* --- labelled tasks ---------------------------------------------------------------------------------------------- */

static __always_inline int decide_trace(struct evm_label tracer, struct evm_label target)
{
	__u32 reason = evm_decide_trace(tracer, target, state.seal.debuggable);

	return reason == EVM_ALLOWED ? 0 : refuse(EVM_OP_TRACE, reason, 0, target.client, tracer);
}

/* Reading (ps, /proc/PID/maps) is not asked with ATTACH, and stays allowed. */
SEC("lsm/ptrace_access_check")
int BPF_PROG(seal_trace, struct task_struct *target, unsigned int mode)
{
	if (!state.seal.sealed || !state.labelled || !(mode & PTRACE_MODE_ATTACH))
		return 0;
	return decide_trace(label_of(bpf_get_current_task_btf()), label_of(target));
}

SEC("lsm/ptrace_traceme")
int BPF_PROG(seal_traceme, struct task_struct *tracer)
{
	if (!state.seal.sealed || !state.labelled)
		return 0;
	return decide_trace(label_of(tracer), label_of(bpf_get_current_task_btf()));
}

#endif
