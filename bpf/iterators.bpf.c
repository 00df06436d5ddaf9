/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Iterators: programs that run when they are read.  An object of their own, as they name no map of the policy, and the policy's
 * object has no room for more functions (a light skeleton takes 32).
 */
#include "mount_chain.h"

/* One of the file system's quota files, which the kernel writes by itself. */
static __always_inline __u32 is_quota_file(const struct inode *inode)
{
	const struct super_block *sb = inode->i_sb;

	return inode == sb->s_dquot.files[0] || inode == sb->s_dquot.files[1] || inode == sb->s_dquot.files[2];
}

/*
 * What only the kernel can tell: which inodes and mounts the loader's descriptors stand for (stat's numbers differ on overlayfs
 * and btrfs).  One struct evm_resolved for each descriptor of the process that the link names; read once by the loader.
 */
SEC("iter/task_file")
int resolve(struct bpf_iter__task_file *ctx)
{
	struct evm_resolved_file line = {};
	struct file *file = ctx->file;
	struct inode *inode;

	if (!ctx->task || !file)
		return 0;
	line.fd = ctx->fd;
	inode = file->f_inode;
	line.id = identity(inode);
	line.block_bits = inode->i_blkbits;
	line.for_writing = (file->f_mode & FMODE_WRITE) != 0;
	line.rdev = inode->i_rdev;
	line.writers = inode->i_writecount.counter > 0 ? (__u32)inode->i_writecount.counter : 0;
	line.quota = is_quota_file(inode);
	line.file_ops = (__u64)BPF_CORE_READ(file, f_op);
	bpf_seq_write(ctx->meta->seq, &line, sizeof(line));
	return write_chain(ctx->meta->seq, (const void *)mount_of(BPF_CORE_READ(file, f_path.mnt)));
}

/*
 * One line of text for each labelled task that has not ended, for `cat`.  It runs over the map "labels", which the link names:
 * an entry lives no longer than its task, so the key is the address of one.
 */
SEC("iter/bpf_map_elem")
int tasks(struct bpf_iter__bpf_map_elem *ctx)
{
	const struct evm_task *entry = ctx->value;
	const __u64 *key = ctx->key;
	const struct task_struct *task;
	char comm[EVM_COMM_BYTES] = {};

	if (!key || !entry)
		return 0;
	task = (const void *)*key;
	if (entry->label.role == EVM_ROLE_NONE || BPF_CORE_READ(task, exit_state))
		return 0;
	bpf_probe_read_kernel_str(comm, sizeof(comm), &task->comm);
	BPF_SEQ_PRINTF(ctx->meta->seq, "pid %d tid %d client %u role %u comm %s\n", BPF_CORE_READ(task, tgid),
		       BPF_CORE_READ(task, pid), entry->label.client, entry->label.role, comm);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
