/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a file and a mount are to the policy (struct evm_file_id); uses no map. */
#ifndef BPF_IDENTITY_H
#define BPF_IDENTITY_H

#include "kernel.h"

static __always_inline void read_ctime(const struct inode *inode, struct evm_file_id *id)
{
	const struct inode___since_6_11 *c = (const void *)inode;
	const struct inode___upto_6_10 *b = (const void *)inode;
	const struct inode___upto_6_5 *a = (const void *)inode;

	if (bpf_core_field_exists(c->i_ctime_sec)) {
		id->ctime_sec = BPF_CORE_READ(c, i_ctime_sec);
		id->ctime_nsec = BPF_CORE_READ(c, i_ctime_nsec) & CTIME_NSEC_MASK;
	} else if (bpf_core_field_exists(b->__i_ctime)) {
		id->ctime_sec = BPF_CORE_READ(b, __i_ctime.tv_sec);
		id->ctime_nsec = BPF_CORE_READ(b, __i_ctime.tv_nsec) & CTIME_NSEC_MASK;
	} else {
		id->ctime_sec = BPF_CORE_READ(a, i_ctime.tv_sec);
		id->ctime_nsec = BPF_CORE_READ(a, i_ctime.tv_nsec) & CTIME_NSEC_MASK;
	}
}

static __always_inline struct evm_file_id identity(const struct inode *inode)
{
	struct evm_file_id id = {};

	id.dev = BPF_CORE_READ(inode, i_sb, s_dev);
	id.ino = BPF_CORE_READ(inode, i_ino);
	id.generation = BPF_CORE_READ(inode, i_generation);
	read_ctime(inode, &id);
	return id;
}

static __always_inline __u64 mount_of(const struct vfsmount *mnt)
{
	return (__u64)mnt - bpf_core_field_offset(struct mount, mnt);
}

#endif
