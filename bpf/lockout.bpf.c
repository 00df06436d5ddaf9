/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Nobody: what is loaded when the policy can't be.  It refuses both devices to everyone until the next boot.
 *
 * It is of the kind fmod_ret, so that it works where `bpf` is not among the active LSMs.  Where it is, lockout_lsm.bpf.c refuses
 * too.
 */
#include "device_number.h"

SEC("fmod_ret/security_file_open")
int BPF_PROG(refuse_all, struct file *file, int ret)
{
	struct inode *inode = file->f_inode;

	return !ret && is_character_device(inode) && may_be_guarded(inode) ? -EPERM : ret;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
