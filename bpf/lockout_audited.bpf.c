/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Refuses both devices to everyone, as lockout.bpf.c and lockout_lsm.bpf.c do, and records each refusal.  It takes the place of
 * those two once they have closed KVM: they need no map, so there is less that can keep them from being loaded.
 *
 * Both programs are one object, so that they have the same maps.  An open that the first has refused does not reach the second.
 */
#include "audit_record.h"
#include "device_number.h"

static __always_inline int refuse_open(const struct inode *inode)
{
	struct evm_event event = { .op = EVM_OP_OPEN, .object = EVM_OBJECT_DEVICE };

	if (!is_character_device(inode) || !may_be_guarded(inode))
		return 0;
	event.object_dev = inode->i_rdev;
	event.object_id = event.object_dev;
	event.reason = is_guarded_number(event.object_dev) ? EVM_CLOSED : EVM_DEVICE_NUMBER;
	record_event(&event);
	return -EPERM;
}

SEC("fmod_ret/security_file_open")
int BPF_PROG(refuse_all, struct file *file, int ret)
{
	return ret ? ret : refuse_open(file->f_inode);
}

SEC("lsm/file_open")
int BPF_PROG(refuse_all_lsm, struct file *file)
{
	return refuse_open(file->f_inode);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
