/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The seal: what keeps the policy as it is until the next boot, against root too.
 *
 *   its maps        frozen against user space by the loader; no foreign program uses them, no map of maps can hold them
 *                   (seal_bpf.bpf.h)
 *   its programs    no foreign program answers in their place, changes what they decided, or replaces a part of them; what may
 *                   be loaded is a closed list (seal_bpf.bpf.h, early_vm/foreign_hooks.h)
 *   its pins        no unlink, rename, rmdir (seal_file.h); the mounts that hold them stay (here, seal_mount.h)
 *   ftrace          on which the programs depend: its switch can't be opened for writing (seal_file.h)
 *   listed files    no writing, no change of attributes, no removing, renaming, linking (seal_file.h)
 *   labelled tasks  not traced by others, not written to by tracing machinery (seal_task.bpf.h)
 *
 * All of it checks state.seal.sealed, which the loader sets once; the map is frozen then.
 */
#ifndef BPF_SEAL_H
#define BPF_SEAL_H

#include "claim.h"
#include "seal_bpf.bpf.h"
#include "seal_file.h"
#include "seal_task.bpf.h"

enum {
	MS_MOVE = 8192,          /* include/uapi/linux/mount.h */
	MNT_DETACH = 2,          /* include/linux/fs.h */
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

#endif
