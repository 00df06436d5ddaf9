/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The seal: files don't go with their subvolume.
 *
 * These ioctls remove a directory and all that is in it, and no hook of directories or files is asked.  Which one it is lies in
 * user space's memory, where another thread can change it; so none is removed from a file system that has a listed file.
 */
#ifndef BPF_SEAL_SUBVOLUME_H
#define BPF_SEAL_SUBVOLUME_H

#include <early_vm/filter.h>

#include "seal_refusal.h"

/* Type and number of the ioctl, without the size of its argument. */
enum {
	BTRFS_SNAP_DESTROY = 0x94 << 8 | 15, /* include/uapi/linux/btrfs.h */
	BTRFS_SNAP_DESTROY_V2 = 0x94 << 8 | 63,
	BCACHEFS_SUBVOLUME_DESTROY = 0xbc << 8 | 17, /* fs/bcachefs/bcachefs_ioctl.h, up to 6.17; not tried */
	BCACHEFS_SUBVOLUME_DESTROY_V2 = 0xbc << 8 | 30,
};

static __always_inline __u32 removes_subvolume(unsigned int cmd)
{
	__u32 what = cmd & 0xffff;

	return what == BTRFS_SNAP_DESTROY || what == BTRFS_SNAP_DESTROY_V2 || what == BCACHEFS_SUBVOLUME_DESTROY ||
	       what == BCACHEFS_SUBVOLUME_DESTROY_V2;
}

static __always_inline int keep_subvolumes(const struct file *file)
{
	const struct inode *inode;
	__u32 dev;

	if (!state.seal.sealed)
		return 0;
	inode = BPF_CORE_READ(file, f_inode);
	dev = BPF_CORE_READ(inode, i_sb, s_dev);
	return evm_filter_has(&state.devs, dev) ?
		       refuse(EVM_OP_REMOVE, EVM_SEALED_FILE, BPF_CORE_READ(inode, i_ino), dev) :
		       0;
}

#endif
