/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Creating VMs and claiming CIDs.
 *
 * The CID of VHOST_VSOCK_SET_GUEST_CID lies in the caller's memory, and another thread can change it between our look
 * and the kernel's.  So the ioctl is checked three times, and a wrong CID can be set for a moment but never runs:
 *
 *   before   the value in memory must be the caller's own; the device must not run; and no other claim or start may be
 *            under way on the same device (map `claims`, one entry at a time)
 *   after    (fexit) the value that the kernel took is compared again; if it is another client's, the process is killed
 *   start    SET_RUNNING is decided on the CID that the kernel holds, and excludes claims until it is done
 *
 * There is no fourth comparison after SET_RUNNING, because nothing can change the CID between its decision and its end.  The
 * kernel writes guest_cid in VHOST_VSOCK_SET_GUEST_CID alone, and every such call passes begin_claim first.  From there to its own
 * claim_done, a thread has the only entry for the device: others get in only when the holder's label is gone, and a thread that is
 * inside a system call keeps its label (exec waits until the other threads are gone, and labels end with the task).  If
 * claim_done is left out, the entry stays, which only excludes more.
 *
 * Known gap: a process that holds a duplicate of the descriptor keeps the wrong CID occupied, though it can't start it,
 * until it closes it or dies.
 */
#ifndef BPF_CLAIM_H
#define BPF_CLAIM_H

#include "claim_table.h"
#include "device.bpf.h"
#include "seal_subvolume.h"

/* 0: vhost_vsock was not loaded when the policy was, so its structures are unknown and every claim is refused. */
#ifndef HAVE_VHOST_VSOCK
#define HAVE_VHOST_VSOCK 1
#endif

static __always_inline struct evm_access claim_access(__u32 op, __u32 cid, __u32 running)
{
	struct evm_access access = {
		.op = op, .owner = owner_of(cid), .reserved = is_reserved(cid), .running = running
	};

	return access;
}

/*
 * A claim or a start on DEVICE.  VALUE: what the caller's memory held when we looked (SET_GUEST_CID only).  Allowed: the
 * device is kept from other claims until claim_done.
 */
static __always_inline __u32 decide_claim(struct request *request, struct evm_label label, struct vhost_vsock *device,
					  __u64 value)
{
#if HAVE_VHOST_VSOCK
	/* One without a label has no entry, not even until it is refused: others take it for dead, and get in while it ends the entry. */
	__u32 labelled = label.role != EVM_ROLE_NONE, op = request->access.op, running = 0, reason;

	/* More than 32 bits are no CID; but they may be one by the time that the kernel reads them. */
	if (value >> 32)
		return EVM_BAD_ARGUMENT;
	request->cid = (__u32)value;
	if (labelled && begin_claim((__u64)device))
		return EVM_CLAIM_BUSY;
	if (op == EVM_OP_SET_CID)
		running = BPF_CORE_READ(device, vqs[0].private_data) != NULL;
	else
		request->cid = BPF_CORE_READ(device, guest_cid);
	request->access = claim_access(op, request->cid, running);
	reason = labelled ? decide(label, request->access) : EVM_NO_LABEL;
	if (labelled && reason != EVM_ALLOWED)
		end_claim((__u64)device);
	return reason;
#else
	request->cid = (__u32)value;
	return EVM_NO_VSOCK;
#endif
}

/* The ioctls that matter; 0 for all others, at the first compare. */
static __always_inline __u32 guarded_ioctl(struct file *file, unsigned int cmd)
{
	const struct inode *inode;

	if (cmd != KVM_CREATE_VM && (cmd >> 8 & 0xff) != VHOST_TYPE)
		return 0;
	inode = file->f_inode; /* once: each load is a search in the kernel's types (device_number.h) */
	if (!is_character_device(inode))
		return 0;
	if (cmd == KVM_CREATE_VM)
		return EVM_OP_CREATE_VM;
	/* Other devices than vhost-vsock have no part in it: their drivers would never end the claim. */
	if (!may_be_guarded(inode))
		return 0;
	if (cmd == VHOST_VSOCK_SET_GUEST_CID)
		return EVM_OP_SET_CID;
	return cmd == VHOST_VSOCK_SET_RUNNING ? EVM_OP_RUN_CID : EVM_OP_VSOCK_IOCTL;
}

/* UNREADABLE: the argument of SET_GUEST_CID could not be read into VALUE. */
static __always_inline int check_ioctl(struct file *file, __u32 op, __u64 value, long unreadable)
{
	struct request request = { .access = { .op = op } };
	struct evm_label label = label_of(bpf_get_current_task_btf());
	__u32 reason;

	request.dev = op == EVM_OP_CREATE_VM ? EVM_DEV_KVM : EVM_DEV_VHOST_VSOCK;
	if (op != EVM_OP_SET_CID && op != EVM_OP_RUN_CID)
		reason = decide(label, request.access);
	else if (unreadable)
		reason = EVM_BAD_ARGUMENT;
	else
		reason = decide_claim(&request, label, file->private_data, value);
	return allow_or_refuse(&request, reason);
}

SEC("lsm.s/file_ioctl")
int BPF_PROG(claim_ioctl, struct file *file, unsigned int cmd, unsigned long arg)
{
	__u32 op = guarded_ioctl(file, cmd);
	long unreadable = 0;
	__u64 value = 0;

	if (!op)
		return removes_subvolume(cmd) ? keep_subvolumes(file) : 0;
	if (op == EVM_OP_SET_CID)
		unreadable = bpf_copy_from_user(&value, sizeof(value), (void *)arg);
	return check_ioctl(file, op, value, unreadable);
}

/*
 * ioctls of 32-bit programs.  A program on this hook can't sleep, so an argument on a page that is not present is refused.
 * Kernels without this hook send 32-bit ioctls through file_ioctl.
 */
#ifndef WITHOUT_IOCTL_COMPAT
SEC("lsm/file_ioctl_compat")
int BPF_PROG(claim_ioctl_32, struct file *file, unsigned int cmd, unsigned long arg)
{
	__u32 op = guarded_ioctl(file, cmd);
	long unreadable = 0;
	__u64 value = 0;

	if (!op)
		return removes_subvolume(cmd) ? keep_subvolumes(file) : 0;
	if (op == EVM_OP_SET_CID)
		unreadable = bpf_probe_read_user(&value, sizeof(value), (void *)(arg & 0xffffffff));
	return check_ioctl(file, op, value, unreadable);
}
#endif

#if HAVE_VHOST_VSOCK
/* What did the kernel really take?  The CID of the device is another's: this process ends here. */
static __always_inline void check_taken(struct vhost_vsock *device)
{
	struct evm_label label = label_of(bpf_get_current_task_btf());
	struct request request = { .dev = EVM_DEV_VHOST_VSOCK, .cid = BPF_CORE_READ(device, guest_cid) };

	request.access = claim_access(EVM_OP_SET_CID, request.cid, 0);
	if (decide(label, request.access) == EVM_ALLOWED)
		return;
	allow_or_refuse(&request, EVM_CID_CHANGED);
	bpf_send_signal(SIGKILL);
}

/* The end of every vhost-vsock ioctl, of 64-bit and 32-bit callers alike. */
SEC("fexit/vhost_vsock_dev_ioctl")
int BPF_PROG(claim_done, struct file *file, unsigned int cmd, unsigned long arg, long ret)
{
	struct vhost_vsock *device = file->private_data;

	if (cmd != VHOST_VSOCK_SET_GUEST_CID && cmd != VHOST_VSOCK_SET_RUNNING)
		return 0;
	if (cmd == VHOST_VSOCK_SET_GUEST_CID && ret == 0)
		check_taken(device);
	end_claim((__u64)device);
	return 0;
}
#endif

#endif
