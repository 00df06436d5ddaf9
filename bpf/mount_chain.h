/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Reports the way from a mount up to the root of its namespace (struct evm_chain); uses no map. */
#ifndef BPF_MOUNT_CHAIN_H
#define BPF_MOUNT_CHAIN_H

#include "identity.h"

struct chain_walk {
	struct seq_file *seq;
	const struct mount *at; /* NULL: the root was reached */
	__u64 count;            /* mounts so far, the root among them; while it was not reached, more than fit */
};

/* In pieces, because the whole does not fit on a program's stack. */
static long write_mount(__u32 number, struct chain_walk *walk)
{
	const struct mount *at = walk->at;
	struct evm_chain_mount entry = {};

	if (at) {
		const struct mount *parent = BPF_CORE_READ(at, mnt_parent);
		const struct dentry *point = BPF_CORE_READ(at, mnt_mountpoint);

		entry.mount = (__u64)at;
		entry.point = (__u64)point;
		entry.point_ino = BPF_CORE_READ(point, d_inode, i_ino);
		entry.id = BPF_CORE_READ(at, mnt_id);
		entry.group = BPF_CORE_READ(at, mnt_group_id);
		if (parent == at)
			walk->count = number + 1;
		walk->at = parent == at ? NULL : parent;
	}
	bpf_seq_write(walk->seq, &entry, sizeof(entry));
	return 0;
}

/*
 * By bpf_loop, so that the verifier looks at one step and not at each.  Returns what the iterator returns: 0, or 1 where a part is
 * missing, so that the kernel drops the record and the reader gets an error.
 */
static __always_inline int write_chain(struct seq_file *seq, const struct mount *at)
{
	struct chain_walk walk = { .seq = seq, .at = at, .count = EVM_CHAIN_MAX + 1 };
	__u32 end[2] = {};

	if (bpf_loop(EVM_CHAIN_MAX, write_mount, &walk, 0) != EVM_CHAIN_MAX)
		return 1;
	end[0] = (__u32)walk.count;
	bpf_seq_write(seq, end, sizeof(end));
	return 0;
}

#endif
