/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Reports the way from a mount up to the root of its namespace (struct evm_chain); uses no map. */
#ifndef BPF_MOUNT_CHAIN_H
#define BPF_MOUNT_CHAIN_H

#include "identity.h"

/* In pieces, because the whole does not fit on a program's stack. */
static __always_inline void write_chain(struct seq_file *seq, const struct mount *at)
{
	__u32 end[2] = { EVM_CHAIN_MAX + 1 };

	for (__u32 i = 0; i < EVM_CHAIN_MAX; i++) {
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
				end[0] = i + 1;
			at = parent == at ? NULL : parent;
		}
		bpf_seq_write(seq, &entry, sizeof(entry));
	}
	bpf_seq_write(seq, end, sizeof(end));
}

#endif
