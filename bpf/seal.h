/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What keeps the policy as it is until the next boot, root included?
 *
 *   its maps      frozen against user space by the loader; here: no foreign program that uses them, no map that could
 *                 hold them, no iterator that writes through them
 *   its answers   no program that overrides a hook of ours (fmod_ret on the LSM's functions; a program that answers
 *                 before ours where a positive answer or any answer of it would skip ours)
 *   its pins      no unlink, rename, rmdir, umount of them or of what they hang on, and no moving of that to where it
 *                 could vanish (seal_mount.h)
 *   ftrace        on which the programs hang: its switch can't be opened for writing
 *   listed files  no writing, no change of attributes, no removing, renaming, linking
 *   labelled tasks   no tracing by others
 *
 * The door is where a task is handed the descriptor of a program or a map: loading, and opening by id or by pin, all
 * come through there.  Reading stays allowed: bpftool shows and dumps everything.
 *
 * All of it asks state.seal.sealed first, which the loader sets once; the map is frozen then.
 */
#ifndef BPF_SEAL_H
#define BPF_SEAL_H

#include "claim.h"
#include "seal_mount.h"

enum {
	FMODE_WRITE = 2,
	ANY_EXECUTE = 0111,
	SYSCTL_MODE = 0100644,       /* of /proc/sys/kernel/ftrace_enabled */
	PROC_SUPER_MAGIC = 0x9fa0,   /* include/uapi/linux/magic.h */
	DCACHE_MOUNTED = 1 << 16,    /* include/linux/dcache.h */
	MS_MOVE = 8192,              /* include/uapi/linux/mount.h */
	PTRACE_MODE_ATTACH = 2,      /* include/linux/ptrace.h */
	NAME_BYTES = 32,
};

static __always_inline int refuse(__u32 op, __u32 reason, __u32 dev, __u64 ino, struct evm_label label)
{
	struct evm_event event = {};

	event.reason = reason;
	event.op = op;
	event.label = label;
	event.object_dev = dev;
	event.object_ino = ino;
	audit(&event);
	return -EPERM;
}

static __always_inline int refuse_inode(__u32 op, __u32 reason, const struct inode *inode)
{
	return refuse(op, reason, BPF_CORE_READ(inode, i_sb, s_dev), BPF_CORE_READ(inode, i_ino),
		      label_of(bpf_get_current_task_btf()));
}

/* --- listed files ------------------------------------------------------------------------------------------- */

/* A listed file has an execute bit and lies on one of few file systems; nearly every other file fails one of these. */
static __always_inline __u32 on_listed_dev(const struct inode *inode)
{
	__u32 dev = BPF_CORE_READ(inode, i_sb, s_dev), found = 0;

#pragma unroll
	for (int i = 0; i < EVM_SEAL_DEVS; i++)
		found |= !(dev ^ state.seal.devs[i]);
	return found;
}

/* MODE: of INODE, which the hot callers can read more cheaply than a pointer that was itself read. */
static __always_inline int keep_file(__u32 op, const struct inode *inode, __u32 mode)
{
	struct evm_file_id id = { .guard = 1 };

	if (!(mode & ANY_EXECUTE) || !on_listed_dev(inode))
		return 0;
	id.dev = BPF_CORE_READ(inode, i_sb, s_dev);
	id.ino = BPF_CORE_READ(inode, i_ino);
	return bpf_map_lookup_elem(&rules, &id) ? refuse_inode(op, EVM_SEALED_FILE, inode) : 0;
}

/* The file that ENTRY names; for hooks that are rarely called. */
static __always_inline int keep_entry_file(__u32 op, const struct dentry *entry)
{
	const struct inode *inode = BPF_CORE_READ(entry, d_inode);

	return keep_file(op, inode, BPF_CORE_READ(inode, i_mode));
}

/* --- ftrace -------------------------------------------------------------------------------------------------- */

static const char ftrace_switch[] = "ftrace_enabled";

static __always_inline __u32 is_ftrace_switch(struct file *file)
{
	char found[sizeof(ftrace_switch)] = {};

	bpf_probe_read_kernel(found, sizeof(found), BPF_CORE_READ(file, f_path.dentry, d_name.name));
	return !bpf_strncmp(found, sizeof(ftrace_switch), ftrace_switch);
}

/* The rare rest of a look at an open for writing: it is a file that can be executed, or one of /proc that can be ours. */
static __always_inline int keep_from_writing(struct file *file, struct inode *inode, __u32 mode)
{
	if (mode & ANY_EXECUTE)
		return keep_file(EVM_OP_WRITE, inode, mode);
	return is_ftrace_switch(file) ? refuse_inode(EVM_OP_WRITE, EVM_SEALED_FTRACE, inode) : 0;
}

/* The second half of file_open: a regular file is opened for writing. */
static __always_inline int answer_write(struct file *file, struct inode *inode)
{
	__u32 mode = inode->i_mode;

	if (!(mode & ANY_EXECUTE) && (mode != SYSCTL_MODE || inode->i_sb->s_magic != PROC_SUPER_MAGIC))
		return 0;
	return state.seal.sealed ? keep_from_writing(file, inode, mode) : 0;
}

/* --- directories: pins, mount points, listed files ------------------------------------------------------------ */

/* Is DIRECTORY one of the two that hold the pins? */
static __always_inline __u32 holds_pins(const struct inode *directory)
{
	__u64 ino = directory->i_ino;

	if (ino != state.seal.pin_dirs[0] && ino != state.seal.pin_dirs[1])
		return 0;
	return BPF_CORE_READ(directory, i_sb, s_dev) == state.seal.pin_dev;
}

/* ENTRY of DIRECTORY is to disappear from there. */
static __always_inline int keep_entry(__u32 op, const struct inode *directory, struct dentry *entry)
{
	const struct inode *inode = entry->d_inode;

	if (holds_pins(directory))
		return refuse_inode(op, EVM_SEALED_PIN, directory);
	if (!inode)
		return 0;
	if (entry->d_flags & DCACHE_MOUNTED && pins_hang_on_directory(entry))
		return refuse_inode(op, EVM_SEALED_MOUNT, inode);
	return keep_file(op, inode, inode->i_mode);
}

SEC("lsm/inode_unlink")
int BPF_PROG(seal_unlink, struct inode *directory, struct dentry *entry)
{
	return state.seal.sealed ? keep_entry(EVM_OP_REMOVE, directory, entry) : 0;
}

/* The directories of the pins themselves can't go while something is in them; a mount point can. */
SEC("lsm/inode_rmdir")
int BPF_PROG(seal_rmdir, struct inode *directory, struct dentry *entry)
{
	if (!state.seal.sealed || !(entry->d_flags & DCACHE_MOUNTED) || !pins_hang_on_directory(entry))
		return 0;
	return refuse_inode(EVM_OP_REMOVE, EVM_SEALED_MOUNT, BPF_CORE_READ(entry, d_inode));
}

SEC("lsm/inode_rename")
int BPF_PROG(seal_rename, struct inode *old_directory, struct dentry *old_entry, struct inode *new_directory,
	     struct dentry *new_entry)
{
	const struct inode *moved;
	int r;

	if (!state.seal.sealed)
		return 0;
	moved = old_entry->d_inode;
	if (moved && holds_pins(moved))
		return refuse_inode(EVM_OP_RENAME, EVM_SEALED_PIN, moved);
	r = keep_entry(EVM_OP_RENAME, old_directory, old_entry);
	return r ? r : keep_entry(EVM_OP_RENAME, new_directory, new_entry);
}

/* --- attributes and links of listed files --------------------------------------------------------------------- */

SEC("lsm/inode_link")
int BPF_PROG(seal_link, struct dentry *old_entry)
{
	return state.seal.sealed ? keep_entry_file(EVM_OP_LINK, old_entry) : 0;
}

/* Its arguments have changed: (dentry, attributes) on 6.1, (map of ids, dentry, attributes) on 6.12. */
SEC("lsm/inode_setattr")
int seal_setattr(unsigned long long *ctx)
{
	__u64 entry = 0;

	if (!state.seal.sealed)
		return 0;
	bpf_get_func_arg(ctx, bpf_get_func_arg_cnt(ctx) - 2, &entry);
	return keep_entry_file(EVM_OP_SET_ATTR, (const struct dentry *)entry);
}

/* The first argument (user namespace, then map of ids) is not looked at. */
SEC("lsm/inode_setxattr")
int BPF_PROG(seal_setxattr, void *idmap, struct dentry *entry)
{
	return state.seal.sealed ? keep_entry_file(EVM_OP_SET_ATTR, entry) : 0;
}

/* --- mounts ----------------------------------------------------------------------------------------------------- */

/* A mount with nothing mounted on it, and of another file system than the pins', holds nothing of ours. */
SEC("lsm/sb_umount")
int BPF_PROG(seal_umount, struct vfsmount *mnt)
{
	const struct mount *target = (const void *)mount_of(mnt);

	if (!state.seal.sealed)
		return 0;
	if (mnt->mnt_sb->s_dev != state.seal.pin_dev && BPF_CORE_READ(target, mnt_mounts.next) == &target->mnt_mounts)
		return 0;
	if (!pins_hang_on_mount(target))
		return 0;
	return refuse_inode(EVM_OP_UMOUNT, EVM_SEALED_MOUNT, BPF_CORE_READ(mnt, mnt_root, d_inode));
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

struct map_search {
	struct bpf_map **maps;
	__u32 count;
	__u32 found;
};

static long look_at_map(__u32 index, void *data)
{
	struct map_search *search = data;
	struct bpf_map *map = NULL;

	if (index >= search->count)
		return 1;
	bpf_probe_read_kernel(&map, sizeof(map), search->maps + index);
	search->found = within(BPF_CORE_READ(map, id), state.seal.first_map, state.seal.last_map);
	return search->found;
}

enum { MAX_USED_MAPS = 64 }; /* include/linux/bpf.h */

static __always_inline __u32 uses_our_maps(const struct bpf_prog_aux *aux)
{
	struct map_search search = { .maps = BPF_CORE_READ(aux, used_maps), .count = BPF_CORE_READ(aux, used_map_cnt) };

	if (search.count)
		bpf_loop(MAX_USED_MAPS, look_at_map, &search, 0);
	return search.found;
}

/* Functions that nobody else may attach to; a name without its end stands for all that start with it. */
static const char lsm_entry_points[] = "security_";
static const char map_iterator[] = "bpf_iter_bpf_map_elem";
static const char task_iterator[] = "bpf_iter_task";
static const char bpf_hooks[] = "bpf_lsm_bpf";
static const char exec_hook[] = "bpf_lsm_bprm_committed_creds";
static const char end_hook[] = "bpf_lsm_task_free";
static const char unmount_hook[] = "bpf_lsm_sb_delete";

#define STARTS_WITH(name, prefix) (!bpf_strncmp(name, sizeof(prefix) - 1, prefix))
#define IS(name, word) (!bpf_strncmp(name, sizeof(word), word))

/*
 * Would a program that is attached to the function NAME be asked instead of ours, or write where only ours may?  On a hook
 * without a result, and on BPF's own where a positive result is no refusal, any other program can end the asking.
 * Another iterator over tasks could take the place of ours in its pinned link, and list nobody.
 */
static __always_inline __u32 attaches_badly(__u32 type, __u32 attach_type, const char *name)
{
	if (attach_type == BPF_MODIFY_RETURN)
		return STARTS_WITH(name, lsm_entry_points);
	if (attach_type == BPF_TRACE_ITER)
		return IS(name, map_iterator) || IS(name, task_iterator);
	return type == BPF_PROG_TYPE_LSM && (STARTS_WITH(name, bpf_hooks) || IS(name, exec_hook) || IS(name, end_hook) ||
					     IS(name, unmount_hook));
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
