/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Is an inode one of the guarded devices?  Uses no map.
 *
 * The device is told by its number, so a name, a path or a mount changes nothing.  The number of an inode in use must stay what it
 * was when it was compared: the driver is looked up by it later.  CIFS copies it from the server at each look at the file, and
 * other file systems may do the like; so a character device on a file system that is not known to set the number once, when
 * it makes the inode, may be a guarded device, whatever its number is.
 */
#ifndef BPF_DEVICE_NUMBER_H
#define BPF_DEVICE_NUMBER_H

#include "kernel.h"

/*
 * The file systems that set an inode's device number once: super_block.s_magic, of include/uapi/linux/magic.h and, for XFS and
 * EROFS, of their own headers.  devtmpfs is a tmpfs or a ramfs.
 */
#define STEADY_FILE_SYSTEMS(F) \
	F(0x01021994) /* tmpfs */ \
	F(0x1cd1)     /* devpts */ \
	F(0x858458f6) /* ramfs */ \
	F(0x6c6f6f70) /* binderfs */ \
	F(0xef53)     /* ext2, ext3, ext4 */ \
	F(0x794c7630) /* overlayfs: takes it from the layer when it makes its own inode */ \
	F(0x58465342) /* XFS */ \
	F(0x9123683e) /* btrfs */ \
	F(0xf2f52010) /* F2FS */ \
	F(0xe0f5e1e2) /* EROFS */ \
	F(0x73717368) /* squashfs */

static __always_inline __u32 is_character_device(const struct inode *inode)
{
	return (inode->i_mode & S_IFMT) == S_IFCHR;
}

static __always_inline __u32 is_guarded_number(__u32 rdev)
{
	rdev ^= MUTANT_MINOR;
#define IS_DEVICE(name, major, minor, path) || rdev == EVM_DEV_##name
	return 0 EVM_DEVICES(IS_DEVICE);
#undef IS_DEVICE
}

static __always_inline __u32 keeps_numbers(__u32 magic)
{
#define IS_MAGIC(number) || magic == number
	return 0 STEADY_FILE_SYSTEMS(IS_MAGIC);
#undef IS_MAGIC
}

/* Most devices that are opened have smaller numbers than all of the guarded ones. */
static __always_inline __u32 is_below_guarded_numbers(__u32 rdev)
{
#define IS_BELOW(name, major, minor, path) && rdev < EVM_DEV_##name
	return 1 EVM_DEVICES(IS_BELOW);
#undef IS_BELOW
}

/* Is INODE, a character device of the number RDEV, a guarded one, or can it become one? */
static __always_inline __u32 may_be_guarded_number(const struct inode *inode, __u32 rdev)
{
	if (!is_below_guarded_numbers(rdev)) {
		barrier_var(rdev); /* or the compiler makes one comparison of both, which is the longer way */
		if (is_guarded_number(rdev))
			return 1;
	}
	return !keeps_numbers((__u32)inode->i_sb->s_magic);
}

/*
 * The same, for ways that are not taken often: newer kernels verify a pointer that is loaded from one that they trust by four
 * searches of all their types' names, a million instructions each.
 */
static __always_inline __u32 may_be_guarded(const struct inode *inode)
{
	return is_guarded_number(inode->i_rdev) || !keeps_numbers((__u32)BPF_CORE_READ(inode, i_sb, s_magic));
}

#endif
