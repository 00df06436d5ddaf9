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

/* Mounts between the BPF file system and the root.  Root may put as many there as it likes, so the walk is long. */
enum { MOUNT_DEPTH = 1 << 16, MNT_SHARED = 0x1000 };

/*
 * One way up for both questions: a light skeleton has room for 32 functions, and each callback is one.  Each question is
 * asked with a pointer of its own; the other one's are 0.
 */
struct mount_walk {
	__u64 at;           /* a mount on the way */
	__u64 place;        /* the directory below that must last, or 0 */
	__u64 target;       /* the mount that is to go, or 0 */
	__u64 target_point; /* its mount point, or the directory that is to go */
	__u64 target_group; /* peer group of the mount that the target is mounted on; 0: it is not shared */
	__u32 found;        /* the answer is yes */
};

/* The peer group in which an unmounting on MOUNT would propagate, or 0. */
static __always_inline __u64 shared_group(const struct mount *mount)
{
	return BPF_CORE_READ(mount, mnt.mnt_flags) & MNT_SHARED ? BPF_CORE_READ(mount, mnt_group_id) : 0;
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

static __always_inline __u32 is_hit(const struct mount_walk *walk, __u64 point, const struct mount *parent)
{
	if (walk->at == walk->target)
		return 1;
	if (point != walk->target_point)
		return 0;
	/* The directory itself; or a copy of this mount, from where its end reaches ours. */
	return !walk->target || (walk->target_group && walk->target_group == shared_group(parent));
}

static long walk_up(__u32 index, void *data)
{
	struct mount_walk *walk = data;
	const struct mount *at = (const void *)walk->at;
	const struct mount *parent = BPF_CORE_READ(at, mnt_parent);
	__u64 point = (__u64)BPF_CORE_READ(at, mnt_mountpoint);

	if (walk->place)
		walk->found = !is_lasting((const void *)walk->place);
	else
		walk->found = is_hit(walk, point, parent);
	if ((__u64)parent == walk->at || walk->found)
		return 1;
	walk->at = (__u64)parent;
	if (walk->place)
		walk->place = point;
	return 0;
}

/* Who makes the way longer than anybody needs is answered with yes. */
static __always_inline __u32 is_found(struct mount_walk *walk)
{
	return bpf_loop(MOUNT_DEPTH, walk_up, walk, 0) == MOUNT_DEPTH || walk->found;
}

static __always_inline __u32 pins_hang_on_mount(const struct mount *target)
{
	const struct mount *parent = BPF_CORE_READ(target, mnt_parent);
	struct mount_walk walk = { .at = state.seal.mount, .target = (__u64)target };

	walk.target_point = (__u64)BPF_CORE_READ(target, mnt_mountpoint);
	walk.target_group = shared_group(parent);
	return is_found(&walk);
}

static __always_inline __u32 pins_hang_on_directory(const struct dentry *directory)
{
	struct mount_walk walk = { .at = state.seal.mount, .target_point = (__u64)directory };

	return is_found(&walk);
}

/* Would a mount at POINT of MNT be where the pins are, in their namespace, and could it vanish? */
static __always_inline __u32 pins_could_vanish(const struct vfsmount *mnt, const struct dentry *point)
{
	const struct mount *pins = (const void *)state.seal.mount, *at = (const void *)mount_of(mnt);
	struct mount_walk walk = { .at = (__u64)at, .place = (__u64)point };

	return BPF_CORE_READ(at, mnt_ns) == BPF_CORE_READ(pins, mnt_ns) && is_found(&walk);
}

#endif
