/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * On which mounts and mount points do the pins hang?
 *
 * The pins are the only thing that keeps the programs attached, and they live as long as the BPF file system that the
 * loader used is mounted.  It can be taken away by unmounting it or any mount above it, by unmounting a copy of those
 * in another mount namespace from where the unmounting propagates, and by removing or renaming, in another namespace,
 * a directory on which one of them is mounted (that detaches it everywhere).  The way up is walked at the moment of the
 * question, so it may move (mount --move, switch_root) and stays guarded.
 */
#ifndef BPF_SEAL_MOUNT_H
#define BPF_SEAL_MOUNT_H

#include "state.h"

/*
 * Mounts between the BPF file system and the root.  Root may put as many there as it likes, so the walk is long, and who
 * makes it longer than that is refused everything that could be on it.
 */
enum { MOUNT_DEPTH = 1 << 16, MNT_SHARED = 0x1000 };

static __always_inline __u64 mount_of(const struct vfsmount *mnt)
{
	return (__u64)mnt - bpf_core_field_offset(struct mount, mnt);
}

struct mount_walk {
	__u64 at;           /* a mount on the way up from ours */
	__u64 target;       /* the mount that is to go, or 0 */
	__u64 target_point; /* its mount point, or the directory that is to go */
	__u64 target_group; /* peer group of the mount that the target is mounted on; 0: it is not shared */
	__u32 guarded;
};

/* The peer group in which an unmounting on MOUNT would propagate, or 0. */
static __always_inline __u64 shared_group(const struct mount *mount)
{
	return BPF_CORE_READ(mount, mnt.mnt_flags) & MNT_SHARED ? BPF_CORE_READ(mount, mnt_group_id) : 0;
}

static long walk_up(__u32 index, void *data)
{
	struct mount_walk *walk = data;
	const struct mount *at = (const void *)walk->at;
	const struct mount *parent = BPF_CORE_READ(at, mnt_parent);

	if (walk->at == walk->target)
		walk->guarded = 1;
	if ((__u64)BPF_CORE_READ(at, mnt_mountpoint) == walk->target_point)
		/* The directory itself; or a copy of this mount, from where its end reaches ours. */
		walk->guarded |= !walk->target || (walk->target_group && walk->target_group == shared_group(parent));
	if ((__u64)parent == walk->at || walk->guarded)
		return 1;
	walk->at = (__u64)parent;
	return 0;
}

static __always_inline __u32 pins_hang_on_mount(const struct mount *target)
{
	const struct mount *parent = BPF_CORE_READ(target, mnt_parent);
	struct mount_walk walk = { .at = state.seal.mount, .target = (__u64)target };

	walk.target_point = (__u64)BPF_CORE_READ(target, mnt_mountpoint);
	walk.target_group = shared_group(parent);
	return bpf_loop(MOUNT_DEPTH, walk_up, &walk, 0) == MOUNT_DEPTH || walk.guarded;
}

static __always_inline __u32 pins_hang_on_directory(const struct dentry *directory)
{
	struct mount_walk walk = { .at = state.seal.mount, .target_point = (__u64)directory };

	return bpf_loop(MOUNT_DEPTH, walk_up, &walk, 0) == MOUNT_DEPTH || walk.guarded;
}

#endif
