/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Refuses both devices to everyone, as lockout.bpf.c does, by an LSM program: the kernel leaves out a program of the kind fmod_ret
 * where a preempted task is inside it already, so on a preemptible kernel some opens would pass that one.
 */
#include "device_number.h"

SEC("lsm/file_open")
int BPF_PROG(refuse_all_lsm, struct file *file)
{
	struct inode *inode = file->f_inode;

	return is_character_device(inode) && may_be_guarded(inode) ? -EPERM : 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
