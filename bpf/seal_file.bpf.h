/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which files and names stay as they are?
 *
 *   listed files  no opening for writing, no use as a quota file, no change of attributes, no removing, renaming, linking
 *   ftrace        its switch can't be opened for writing
 *   pins          no unlink, no rename; nor of the directories on which they hang (seal_mount.bpf.h)
 *
 * Every open for writing, unlink and rename on the machine comes through here, so each begins with a filter over inode
 * numbers (early_vm/filter.h): nothing that root could change about a file, as its mode or its time, takes it out of there.
 */
#ifndef BPF_SEAL_FILE_H
#define BPF_SEAL_FILE_H

#include <stddef.h>

#include <early_vm/filter.h>

#include "seal_refusal.h"
#include "seal_mount.bpf.h"

enum { BTRFS_SUPER_MAGIC = 0x9123683e }; /* include/uapi/linux/magic.h */

/*
 * Is INO in the filter of inodes?  As evm_filter_has, but with registers chosen by hand, because every open for writing comes here:
 * the kernel's older compilers (6.1) need three instructions more to shift by any register but r4, and two for each that a program
 * must save.  A shift counts modulo 64.
 */
static __always_inline __u32 is_in_inodes(const struct evm_state *variables, __u64 ino)
{
	register __u64 number asm("r4") = ino;
	__u64 at = number / 64 % EVM_FILTER_WORDS * sizeof(variables->inodes.words[0]), word;

	asm volatile("%0 += %1" : "+r"(at) : "r"(variables));
	word = *(const __u64 *)(at + offsetof(struct evm_state, inodes.words));
	asm volatile("%0 >>= %1" : "+r"(word) : "r"(number));
	return word & 1;
}

/* Nearly always the end of the question, also on a machine that is not sealed. */
static __always_inline __u32 may_be_kept(const struct inode *inode)
{
	return is_in_inodes(&state, inode->i_ino);
}

/* --- listed files ------------------------------------------------------------------------------------------- */

/*
 * The guard entry (early_vm/policy.h) of INODE, of whose ID the caller has set the inode number, or NULL.  The device number is
 * set when there is one.
 */
static __always_inline const struct evm_rule *guard_of(const struct inode *inode, struct evm_file_id *id)
{
	const struct super_block *sb;

	if (!evm_filter_has(&state.inodes, id->ino))
		return NULL;
	sb = BPF_CORE_READ(inode, i_sb);
	id->guard = 1;
	id->dev = BPF_CORE_READ(sb, s_dev);
	/* All subvolumes have one device and inode numbers of their own; on btrfs nobody can set the generation (ext4: root can). */
	if ((__u32)BPF_CORE_READ(sb, s_magic) == BTRFS_SUPER_MAGIC)
		id->generation = BPF_CORE_READ(inode, i_generation);
	return bpf_map_lookup_elem(&rules, id);
}

static __always_inline __u32 is_listed(const struct inode *inode, struct evm_file_id *id)
{
	const struct evm_rule *guard = guard_of(inode, id);

	return guard && guard->kinds == EVM_GUARD_LISTED;
}

/* The file that ENTRY names; for hooks that are rarely called. */
static __always_inline int keep_file(__u32 op, const struct dentry *entry)
{
	const struct inode *inode = BPF_CORE_READ(entry, d_inode);
	struct evm_file_id id = { .ino = BPF_CORE_READ(inode, i_ino) };

	return is_listed(inode, &id) ? refuse(op, EVM_SEALED_FILE, id.ino, id.dev) : 0;
}

/* --- opening for writing -------------------------------------------------------------------------------------- */

static const char ftrace_switch[] = "ftrace_enabled";

/*
 * Is INODE, which is opened for writing, worth a closer look?  Files of /proc have small blocks, and hardly others.  (The
 * address of their operations would be the better sign, but new verifiers search the kernel's whole type information four
 * times for each pointer that is loaded, and a helper's call is too dear for every open.)
 */
static __always_inline __u32 may_be_kept_from_writing(const struct inode *inode)
{
	const struct evm_state *variables = &state;

	barrier_var(variables); /* or the compiler loads this address once for each field */
	return is_in_inodes(variables, inode->i_ino) || inode->i_blkbits == variables->seal.sysctl_block_bits;
}

/* By the operations, so of any mount of proc. */
static __always_inline __u32 is_ftrace_switch(struct file *file)
{
	char found[sizeof(ftrace_switch)] = {};

	if ((__u64)BPF_CORE_READ(file, f_op) != state.seal.sysctl_ops)
		return 0;
	bpf_probe_read_kernel(found, sizeof(found), BPF_CORE_READ(file, f_path.dentry, d_name.name));
	return !bpf_strncmp(found, sizeof(ftrace_switch), ftrace_switch);
}

static __always_inline int keep_from_writing(struct file *file, const struct inode *inode)
{
	struct evm_file_id id = { .ino = inode->i_ino };
	const struct evm_rule *guard;
	__u32 reason = EVM_ALLOWED;

	if (!state.seal.sealed)
		return 0;
	guard = guard_of(inode, &id);
	if (guard)
		reason = guard->kinds == EVM_GUARD_LISTED ? EVM_SEALED_FILE : EVM_SEALED_TRACEFS;
	else if (is_ftrace_switch(file))
		reason = EVM_SEALED_FTRACE;
	return reason ? refuse_inode(EVM_OP_WRITE, reason, inode) : 0;
}

/* --- names: pins, mount points, listed files ------------------------------------------------------------------- */

/* Nearly always enough to tell that DIRECTORY is none of the two that hold the pins; not sealed, both numbers are 0. */
static __always_inline __u32 may_hold_pins(const struct inode *directory)
{
	__u64 ino = directory->i_ino;

	return ino == state.seal.pin_dirs[0] || ino == state.seal.pin_dirs[1];
}

/* Is DIRECTORY one of the two that hold the pins? */
static __always_inline __u32 holds_pins(const struct inode *directory)
{
	return may_hold_pins(directory) && BPF_CORE_READ(directory, i_sb, s_dev) == state.seal.pin_dev;
}

/* For the removal of a directory entry; a mount point on the path to the pins is in the filter too. */
static __always_inline __u32 may_be_kept_entry(const struct inode *inode)
{
	return inode && may_be_kept(inode);
}

/* What keeps ENTRY, of INODE, in DIRECTORY; KEPT: the inode to name in the audit. */
static __always_inline __u32 seal_reason(const struct inode *directory, const struct dentry *entry,
					 const struct inode *inode, const struct inode **kept)
{
	struct evm_file_id id = {};

	*kept = directory;
	if (holds_pins(directory))
		return EVM_SEALED_PIN;
	*kept = inode;
	if (!inode)
		return EVM_ALLOWED;
	if (holds_pins(inode))
		return EVM_SEALED_PIN;
	if (is_chain_point(entry))
		return EVM_SEALED_MOUNT;
	id.ino = inode->i_ino;
	return is_listed(inode, &id) ? EVM_SEALED_FILE : EVM_ALLOWED;
}

SEC("lsm/inode_unlink")
int BPF_PROG(seal_unlink, struct inode *directory, struct dentry *entry)
{
	const struct inode *inode = entry->d_inode, *kept;
	__u32 reason;

	if (!may_hold_pins(directory) && !may_be_kept_entry(inode))
		return 0;
	if (!state.seal.sealed)
		return 0;
	reason = seal_reason(directory, entry, inode, &kept);
	return reason ? refuse_inode(EVM_OP_REMOVE, reason, kept) : 0;
}

/* A directory on which one of the mounts is mounted goes from another namespace too, and with it what is mounted there. */
SEC("lsm/inode_rmdir")
int BPF_PROG(seal_rmdir, struct inode *directory, struct dentry *entry)
{
	const struct inode *inode = entry->d_inode, *kept;
	__u32 reason;

	if (!may_be_kept_entry(inode) || !state.seal.sealed)
		return 0;
	reason = seal_reason(directory, entry, inode, &kept);
	return reason ? refuse_inode(EVM_OP_REMOVE, reason, kept) : 0;
}

SEC("lsm/inode_rename")
int BPF_PROG(seal_rename, struct inode *old_directory, struct dentry *old_entry, struct inode *new_directory,
	     struct dentry *new_entry)
{
	const struct inode *old_inode = old_entry->d_inode, *new_inode = new_entry->d_inode, *kept;
	__u32 reason;

	if (!may_hold_pins(old_directory) && (new_directory == old_directory || !may_hold_pins(new_directory)) &&
	    !may_be_kept_entry(old_inode) && !may_be_kept_entry(new_inode))
		return 0;
	if (!state.seal.sealed)
		return 0;
	reason = seal_reason(old_directory, old_entry, old_inode, &kept);
	if (!reason)
		reason = seal_reason(new_directory, new_entry, new_inode, &kept);
	return reason ? refuse_inode(EVM_OP_RENAME, reason, kept) : 0;
}

/* --- attributes and links of listed files ----------------------------------------------------------------------- */

SEC("lsm/inode_link")
int BPF_PROG(seal_link, struct dentry *old_entry)
{
	return state.seal.sealed ? keep_file(EVM_OP_LINK, old_entry) : 0;
}

/* Its arguments have changed: (dentry, attributes) on 6.1, (map of ids, dentry, attributes) on 6.12. */
SEC("lsm/inode_setattr")
int seal_setattr(unsigned long long *ctx)
{
	__u64 entry = 0;

	if (!state.seal.sealed)
		return 0;
	bpf_get_func_arg(ctx, bpf_get_func_arg_cnt(ctx) - 2, &entry);
	return keep_file(EVM_OP_SET_ATTR, (const struct dentry *)entry);
}

/* The first argument (user namespace, then map of ids) is not looked at. */
SEC("lsm/inode_setxattr")
int BPF_PROG(seal_setxattr, void *idmap, struct dentry *entry)
{
	return state.seal.sealed ? keep_file(EVM_OP_SET_ATTR, entry) : 0;
}

/*
 * Any file can be made the quota file of its file system, by quotactl(2) or a mount option (usrjquota=): the kernel then writes what
 * quotactl sets into it, without opening it for writing and without a new change time.
 */
SEC("lsm/quota_on")
int BPF_PROG(seal_quota, struct dentry *entry)
{
	return state.seal.sealed ? keep_file(EVM_OP_WRITE, entry) : 0;
}

#endif
