/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What only the kernel can tell: which inodes the loader's descriptors stand for (stat's numbers differ on overlayfs and
 * btrfs), and which running tasks carry a label.
 */
#ifndef BPF_ITERATORS_H
#define BPF_ITERATORS_H

#include "seal_mount.h"

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
	line.mount = mount_of(BPF_CORE_READ(file, f_path.mnt));
	line.file_ops = (__u64)BPF_CORE_READ(file, f_op);
	bpf_seq_write(ctx->meta->seq, &line, sizeof(line));
	return 0;
}

/* One line of text for each labelled task; pinned, for `cat`. */
SEC("iter/task")
int tasks(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct evm_label label;

	if (!task)
		return 0;
	label = label_of(task);
	if (label.role != EVM_ROLE_NONE)
		BPF_SEQ_PRINTF(ctx->meta->seq, "pid %d tid %d client %u role %u comm %s\n", task->tgid, task->pid,
			       label.client, label.role, task->comm);
	return 0;
}

#endif
