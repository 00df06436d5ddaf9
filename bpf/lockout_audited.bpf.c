/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Refuses what lockout.bpf.c, lockout_lsm.bpf.c and lockout_ioctl.bpf.c refuse, and records each refusal.  It takes their place once
 * they have closed KVM: they need no map, so there is less that can keep them from being loaded.
 *
 * All programs are one object, so that they have the same maps.  What one of the kind fmod_ret has refused does not reach an LSM
 * program: neither the second one here, nor that of a policy without rules, which would give another reason for it.
 */
#include "audit_record.h"
#include "refused_ioctl.h"

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

/* The CID that was asked for, at the address ARG in the caller's memory; 0: it can't be read, or is none. */
static __always_inline __u32 requested_cid(unsigned long arg)
{
	__u64 cid = 0;

	return bpf_probe_read_user(&cid, sizeof(cid), (const void *)arg) || cid >> 32 ? 0 : (__u32)cid;
}

/* The device is the one that the command is for, and not the file's.  Which CID would be started is not looked up. */
static __always_inline int refuse_request(const struct file *file, unsigned int cmd, unsigned long arg)
{
	struct evm_event event = { .reason = EVM_CLOSED, .op = refused_ioctl(file, cmd) };

	if (!event.op)
		return 0;
	event.object = event.op == EVM_OP_CREATE_VM ? EVM_OBJECT_DEVICE : EVM_OBJECT_CID;
	event.object_dev = event.op == EVM_OP_CREATE_VM ? EVM_DEV_KVM : EVM_DEV_VHOST_VSOCK;
	event.cid = event.op == EVM_OP_SET_CID ? requested_cid(arg) : 0;
	event.object_id = event.cid ? event.cid : event.object_dev;
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

SEC("fmod_ret/security_file_ioctl")
int BPF_PROG(refuse_ioctl, struct file *file, unsigned int cmd, unsigned long arg, int ret)
{
	return ret ? ret : refuse_request(file, cmd, arg);
}

SEC("lsm/file_ioctl")
int BPF_PROG(refuse_ioctl_lsm, struct file *file, unsigned int cmd, unsigned long arg)
{
	return refuse_request(file, cmd, arg);
}

/* A kernel without these functions asks the ones above for 32-bit calls too. */
#ifndef WITHOUT_IOCTL_COMPAT
SEC("fmod_ret/security_file_ioctl_compat")
int BPF_PROG(refuse_ioctl_32, struct file *file, unsigned int cmd, unsigned long arg, int ret)
{
	return ret ? ret : refuse_request(file, cmd, arg & 0xffffffff);
}

SEC("lsm/file_ioctl_compat")
int BPF_PROG(refuse_ioctl_32_lsm, struct file *file, unsigned int cmd, unsigned long arg)
{
	return refuse_request(file, cmd, arg & 0xffffffff);
}
#endif

char LICENSE[] SEC("license") = "Dual BSD/GPL";
