/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The seal: the mounts between the pins and the root stay as they are, so that the pins stay where everybody looks for them.
 *
 * Enforcement does not depend on it.  The kernel calls these hooks before it takes the lock of its mount tree, and for some ways
 * to change the tree (mount_setattr(2), propagation, what another file system takes away) it calls none; so what is decided
 * here can be outdated when it takes effect.  The pins themselves are kept by the policy's own reference to their file system
 * (userspace/init/self_hold.h), whatever is unmounted.
 *
 * The loader notes the mounts, from the pins up to the root, when it seals, and checks them against /proc/self/mountinfo.  From
 * then on the list is right for ever, because nothing on it may move.  So nothing is walked or read from the kernel's flags here;
 * pointers are compared.  Copies of these mounts in other namespaces are other mounts, and containers may do with them what
 * they like, unless it would propagate to ours.
 */
#ifndef BPF_SEAL_MOUNT_H
#define BPF_SEAL_MOUNT_H

#include "seal_refusal.h"

enum { MS_MOVE = 8192 }; /* include/uapi/linux/mount.h */

/* The list is usually of three mounts: each search of it ends where the list does. */
static __always_inline __u32 is_on_chain(__u64 mount)
{
	DONT_UNROLL
	for (__u32 i = 0; i < EVM_CHAIN_MAX && state.seal.chain.mounts[i].mount; i++)
		if (state.seal.chain.mounts[i].mount == mount)
			return 1;
	return 0;
}

/* Is one of the mounts mounted on ENTRY?  A path through it leads to the pins. */
static __always_inline __u32 is_chain_point(const struct dentry *entry)
{
	DONT_UNROLL
	for (__u32 i = 0; i < EVM_CHAIN_MAX && state.seal.chain.mounts[i].mount; i++)
		if (state.seal.chain.mounts[i].point == (__u64)entry)
			return 1;
	return 0;
}

/* Are both in one peer group, so that what is unmounted from one is unmounted from the other? */
static __always_inline __u32 are_peers(const struct mount *a, const struct mount *b)
{
	__u32 group = BPF_CORE_READ(a, mnt_group_id);

	return group && (__u32)BPF_CORE_READ(b, mnt_group_id) == group;
}

/*
 * Would an unmount of TARGET take one of them away: is it one, or is it mounted where one of them is, on a peer of that one's
 * parent, so that the unmount propagates?  Each unmount of the machine comes here, so the list is searched once.
 */
static __always_inline __u32 takes_from_chain(const struct mount *target)
{
	__u64 entry = (__u64)BPF_CORE_READ(target, mnt_mountpoint);

	DONT_UNROLL
	for (__u32 i = 0; i < EVM_CHAIN_MAX && state.seal.chain.mounts[i].mount; i++) {
		if (state.seal.chain.mounts[i].mount == (__u64)target)
			return 1;
		if (state.seal.chain.mounts[i].point == entry)
			return i + 1 < EVM_CHAIN_MAX && are_peers(BPF_CORE_READ(target, mnt_parent),
								  (const void *)state.seal.chain.mounts[i + 1].mount);
	}
	return 0;
}

static __always_inline int refuse_mount(__u32 op, const struct mount *mount)
{
	return refuse_inode(op, EVM_SEALED_MOUNT, BPF_CORE_READ(mount, mnt.mnt_root, d_inode));
}

SEC("lsm/sb_umount")
int BPF_PROG(seal_umount, struct vfsmount *mnt, int flags)
{
	const struct mount *target = (const void *)mount_of(mnt);

	return state.seal.sealed && takes_from_chain(target) ? refuse_mount(EVM_OP_UMOUNT, target) : 0;
}

static __always_inline __u64 namespace_of_pins(void)
{
	__u64 address = state.seal.chain.mounts[0].mount;
	const struct mount *pins = (const void *)address;

	return (__u64)BPF_CORE_READ(pins, mnt_ns);
}

/*
 * mount(2) with MS_MOVE: the source is a name in user space's memory here, so in the namespace of the pins every move is refused.
 * move_mount(2), below, tells them apart.
 */
SEC("lsm/sb_mount")
int BPF_PROG(seal_mount, const char *source, struct path *to, const char *type, unsigned long flags)
{
	const struct mount *target;

	if (!(flags & MS_MOVE) || !state.seal.sealed)
		return 0;
	target = (const void *)mount_of(BPF_CORE_READ(to, mnt));
	return (__u64)BPF_CORE_READ(target, mnt_ns) == namespace_of_pins() ? refuse_mount(EVM_OP_RENAME, target) : 0;
}

/*
 * Neither is one of the mounts moved, nor is something put over or beneath one (the hook does not tell which), nor does one join
 * another's peer group (MOVE_MOUNT_SET_GROUP), from where unmounts would propagate.
 */
SEC("lsm/move_mount")
int BPF_PROG(seal_move_mount, struct path *from, struct path *to)
{
	const struct vfsmount *target;

	if (!state.seal.sealed)
		return 0;
	if (is_on_chain(mount_of(BPF_CORE_READ(from, mnt))))
		return refuse_mount(EVM_OP_RENAME, (const void *)mount_of(BPF_CORE_READ(from, mnt)));
	target = BPF_CORE_READ(to, mnt);
	if (!is_on_chain(mount_of(target)) || BPF_CORE_READ(to, dentry) != BPF_CORE_READ(target, mnt_root))
		return 0;
	return refuse_mount(EVM_OP_RENAME, (const void *)mount_of(target));
}

/* It moves the root, which all else is mounted on. */
SEC("lsm/sb_pivotroot")
int BPF_PROG(seal_pivot_root, struct path *put_old)
{
	const struct mount *target;

	if (!state.seal.sealed)
		return 0;
	target = (const void *)mount_of(BPF_CORE_READ(put_old, mnt));
	return (__u64)BPF_CORE_READ(target, mnt_ns) == namespace_of_pins() ? refuse_mount(EVM_OP_RENAME, target) : 0;
}

#endif
