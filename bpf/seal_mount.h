/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * On which mounts and mount points do the pins hang?
 *
 * The pins are the only thing that keeps the programs attached, and they live as long as the BPF file system that the
 * loader used is mounted.  It can be taken away by unmounting it or any mount above it, by unmounting a copy of those
 * in another mount namespace from where the unmounting propagates, and by removing or renaming, in another namespace,
 * a directory on which one of them is mounted (that detaches it everywhere).  The way up is walked at the moment of the
 * question, so it may move (mount --move, switch_root) and stays guarded.
 *
 * But it must not move to a place that can vanish by itself: where the kernel drops a directory (of a process that ends,
 * a module that is unloaded, a server that forgot it), it drops what is mounted there, and no hook is asked.
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

enum {
	DCACHE_OP_REVALIDATE = 1 << 2, /* include/linux/dcache.h */
	/* include/uapi/linux/magic.h */
	TMPFS_MAGIC = 0x01021994,
	RAMFS_MAGIC = 0x858458f6,
	OVERLAYFS_SUPER_MAGIC = 0x794c7630,
	UBIFS_SUPER_MAGIC = 0x24051905,
};

/* Directories go from there by rmdir and rename alone, of which the seal is asked. */
static __always_inline __u32 is_lasting(const struct dentry *place)
{
	const struct super_block *sb = BPF_CORE_READ(place, d_inode, i_sb);
	__u32 magic = BPF_CORE_READ(sb, s_magic);

	if (BPF_CORE_READ(place, d_flags) & DCACHE_OP_REVALIDATE)
		return 0;
	return BPF_CORE_READ(sb, s_bdev) || magic == TMPFS_MAGIC || magic == (__u32)RAMFS_MAGIC ||
	       magic == OVERLAYFS_SUPER_MAGIC || magic == UBIFS_SUPER_MAGIC;
}

/* Deeper places are taken for such that vanish.  A loop and no callback: a light skeleton has room for 32 programs, and
 * each callback counts as one. */
enum { PLACE_DEPTH = 16 };

/* Would a mount at POINT of MNT be where the pins are, in their namespace, and could it vanish? */
static __always_inline __u32 pins_could_vanish(const struct vfsmount *mnt, const struct dentry *point)
{
	const struct mount *pins = (const void *)state.seal.mount, *at = (const void *)mount_of(mnt);

	if (BPF_CORE_READ(at, mnt_ns) != BPF_CORE_READ(pins, mnt_ns))
		return 0;
	for (int i = 0; i < PLACE_DEPTH && is_lasting(point); i++) {
		const struct mount *parent = BPF_CORE_READ(at, mnt_parent);

		if (parent == at)
			return 0;
		point = BPF_CORE_READ(at, mnt_mountpoint);
		at = parent;
	}
	return 1;
}

#endif
