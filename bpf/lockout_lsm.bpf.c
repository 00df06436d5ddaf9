/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Refuses both devices to everyone, as lockout.bpf.c does, by an LSM program: the kernel leaves out a program of the kind fmod_ret
 * where a preempted task is inside it already, so on a preemptible kernel some opens would pass that one.
 */
#include "kernel.h"

SEC("lsm/file_open")
int BPF_PROG(refuse_all_lsm, struct file *file)
{
	__u32 rdev = file->f_inode->i_rdev;

	if (rdev != EVM_DEV_KVM && rdev != EVM_DEV_VHOST_VSOCK)
		return 0;
	return (file->f_inode->i_mode & S_IFMT) == S_IFCHR ? -EPERM : 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
