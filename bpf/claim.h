/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Who may create a VM, and who may take which CID?
 *
 * The CID of VHOST_VSOCK_SET_GUEST_CID lies in the caller's memory, and another thread can change it between our look
 * and the kernel's.  So the ioctl is checked three times, and a wrong CID can be set for a moment but never runs:
 *
 *   before   the value in memory must be the caller's own; the device must not run; and no other claim or start may be
 *            under way on the same device (map `claims`, one entry at a time)
 *   after    (fexit) the value that the kernel took is compared again; if it is another client's, the process is killed
 *   start    SET_RUNNING asks for the CID that the kernel holds, and excludes claims until it is done
 *
 * Known gap: a process that holds a duplicate of the descriptor keeps the wrong CID occupied, though it can't start it,
 * until it closes it or dies.
 */
#ifndef BPF_CLAIM_H
#define BPF_CLAIM_H

#include "device.h"

/* 0: vhost_vsock was not loaded when the policy was, so its structures are unknown and every claim is refused. */
#ifndef HAVE_VHOST_VSOCK
#define HAVE_VHOST_VSOCK 1
#endif

/* One claim or start on a device at a time.  A thread's own entry is left over when another LSM refused its ioctl. */
static __always_inline int begin_claim(__u64 device)
{
	__u64 self = bpf_get_current_pid_tgid(), *holder;

	if (bpf_map_update_elem(&claims, &device, &self, BPF_NOEXIST) == 0)
		return 0;
	holder = bpf_map_lookup_elem(&claims, &device);
	return holder && *holder == self ? 0 : -EPERM;
}

static __always_inline void end_claim(__u64 device)
{
	bpf_map_delete_elem(&claims, &device);
}

static __always_inline struct evm_access claim(__u32 op, __u32 cid, __u32 running)
{
	struct evm_access access = { .op = op, .owner = owner_of(cid), .reserved = is_reserved(cid), .running = running };

	return access;
}

/* VALUE: what the caller's memory held when we looked (SET_GUEST_CID only). */
static __always_inline int check_claim(struct vhost_vsock *device, __u32 op, __u64 value)
{
#if HAVE_VHOST_VSOCK
	__u32 cid = (__u32)value, running = 0;
	int r;

	if (value > 0xffffffffULL) /* no CID; and it may be one by the time that the kernel reads it */
		return refuse(op, EVM_BAD_ARGUMENT, 0);
	if (begin_claim((__u64)device))
		return refuse(op, EVM_CLAIM_BUSY, cid);
	if (op == EVM_OP_SET_CID)
		running = BPF_CORE_READ(device, vqs[0].private_data) != NULL;
	else
		cid = BPF_CORE_READ(device, guest_cid);
	r = answer(claim(op, cid, running), EVM_DEV_VHOST_VSOCK, cid);
	if (r)
		end_claim((__u64)device);
	return r;
#else
	return refuse(op, EVM_NO_VSOCK, (__u32)value);
#endif
}

/* The ioctls that matter; 0 for all others, at the first compare. */
static __always_inline __u32 guarded_ioctl(struct file *file, unsigned int cmd)
{
	if (cmd == KVM_CREATE_VM)
		return guarded_device(file) == EVM_DEV_KVM ? EVM_OP_CREATE_VM : 0;
	if ((cmd >> 8 & 0xff) != VHOST_TYPE || guarded_device(file) != EVM_DEV_VHOST_VSOCK)
		return 0;
	if (cmd == VHOST_VSOCK_SET_GUEST_CID)
		return EVM_OP_SET_CID;
	return cmd == VHOST_VSOCK_SET_RUNNING ? EVM_OP_RUN_CID : EVM_OP_VSOCK_IOCTL;
}

static __always_inline int answer_ioctl(struct file *file, __u32 op, __u64 value)
{
	struct evm_access access = { .op = op };

	if (op == EVM_OP_SET_CID || op == EVM_OP_RUN_CID)
		return check_claim(file->private_data, op, value);
	return answer(access, op == EVM_OP_CREATE_VM ? EVM_DEV_KVM : EVM_DEV_VHOST_VSOCK, 0);
}

SEC("lsm.s/file_ioctl")
int BPF_PROG(claim_ioctl, struct file *file, unsigned int cmd, unsigned long arg)
{
	__u32 op = guarded_ioctl(file, cmd);
	__u64 value = 0;

	if (!op)
		return 0;
	if (op == EVM_OP_SET_CID && bpf_copy_from_user(&value, sizeof(value), (void *)arg))
		return refuse(op, EVM_BAD_ARGUMENT, 0);
	return answer_ioctl(file, op, value);
}

/*
 * The way of 32-bit programs, which can't sleep: an argument on a page that is not there yet is refused.  Kernels
 * without this hook send 32-bit ioctls through file_ioctl.
 */
#ifndef WITHOUT_IOCTL_COMPAT
SEC("lsm/file_ioctl_compat")
int BPF_PROG(claim_ioctl_32, struct file *file, unsigned int cmd, unsigned long arg)
{
	__u32 op = guarded_ioctl(file, cmd);
	__u64 value = 0;

	if (!op)
		return 0;
	if (op == EVM_OP_SET_CID && bpf_probe_read_user(&value, sizeof(value), (void *)(arg & 0xffffffff)))
		return refuse(op, EVM_BAD_ARGUMENT, 0);
	return answer_ioctl(file, op, value);
}
#endif

#if HAVE_VHOST_VSOCK
static __always_inline void check_taken(__u32 cid)
{
	if (evm_decide_access(label_of(bpf_get_current_task_btf()), claim(EVM_OP_SET_CID, cid, 0)) == EVM_ALLOWED)
		return;
	refuse(EVM_OP_SET_CID, EVM_CID_CHANGED, cid);
	bpf_send_signal(SIGKILL);
}

/* The end of every vhost-vsock ioctl, of 64-bit and 32-bit callers alike: what did the kernel really take? */
SEC("fexit/vhost_vsock_dev_ioctl")
int BPF_PROG(claim_done, struct file *file, unsigned int cmd, unsigned long arg, long ret)
{
	struct vhost_vsock *device = file->private_data;

	if (cmd != VHOST_VSOCK_SET_GUEST_CID && cmd != VHOST_VSOCK_SET_RUNNING)
		return 0;
	if (cmd == VHOST_VSOCK_SET_GUEST_CID && ret == 0)
		check_taken(BPF_CORE_READ(device, guest_cid));
	end_claim((__u64)device);
	return 0;
}
#endif

#endif
