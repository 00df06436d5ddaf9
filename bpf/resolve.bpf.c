/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What only the kernel can tell: which inodes and mounts the loader's descriptors stand for (stat's numbers differ on
 * overlayfs and btrfs).  An object of its own, as it needs no map, and the policy's has no room for another function.
 */
#include "identity.h"

/* One struct evm_resolved for each descriptor of the process that the link names; read once by the loader. */
SEC("iter/task_file")
int resolve(struct bpf_iter__task_file *ctx)
{
	struct evm_resolved line = {};
	struct file *file = ctx->file;

	if (!ctx->task || !file)
		return 0;
	line.fd = ctx->fd;
	line.id = identity(file->f_inode);
	line.block_bits = BPF_CORE_READ(file, f_inode, i_blkbits);
	line.mount = mount_of(BPF_CORE_READ(file, f_path.mnt));
	line.file_ops = (__u64)BPF_CORE_READ(file, f_op);
	bpf_seq_write(ctx->meta->seq, &line, sizeof(line));
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
