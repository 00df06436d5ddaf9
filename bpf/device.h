/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Who may open /dev/kvm and /dev/vhost-vsock, be handed a descriptor of them, bind a listed port?
 *
 * The device is told by its number, so a name, a path or a mount changes nothing.  Nothing is remembered of a
 * descriptor: a task that lost its label is refused on the descriptors that it still holds (claim.h).
 */
#ifndef BPF_DEVICE_H
#define BPF_DEVICE_H

#include "label.h"

/* The first compare of every open, and for nearly all of them the last. */
static __always_inline __u32 guarded_device(struct file *file)
{
	__u32 rdev = file->f_inode->i_rdev;

	if (rdev != EVM_DEV_KVM && rdev != EVM_DEV_VHOST_VSOCK)
		return 0;
	return (file->f_inode->i_mode & S_IFMT) == S_IFCHR ? rdev : 0;
}

/* Acts on one request of the current task: 0, or -EPERM after the audit. */
static __always_inline int answer(struct evm_access access, __u32 dev, __u32 cid)
{
	struct evm_label label = label_of(bpf_get_current_task_btf());
	__u32 reason = evm_decide_access(label, access);
	struct evm_event event = {};

	if (reason == EVM_ALLOWED)
		return 0;
	event.reason = reason;
	event.op = access.op;
	event.label = label;
	event.cid = cid;
	event.object_dev = dev;
	event.object_client = access.owner;
	audit(&event);
	return -EPERM;
}

/* A refusal for a reason that does not hang on the label. */
static __always_inline int refuse(__u32 op, __u32 reason, __u32 cid)
{
	struct evm_event event = {};

	event.reason = reason;
	event.op = op;
	event.label = label_of(bpf_get_current_task_btf());
	event.cid = cid;
	event.object_dev = EVM_DEV_VHOST_VSOCK;
	audit(&event);
	return -EPERM;
}

SEC("lsm/file_open")
int BPF_PROG(device_open, struct file *file)
{
	struct evm_access access = { .op = EVM_OP_OPEN };
	__u32 dev = guarded_device(file);

	return dev ? answer(access, dev, 0) : 0;
}

SEC("lsm/file_receive")
int BPF_PROG(device_receive, struct file *file)
{
	struct evm_access access = { .op = EVM_OP_RECEIVE };
	__u32 dev = guarded_device(file);

	return dev ? answer(access, dev, 0) : 0;
}

/* ADDRESS is the kernel's own copy, so it can't change under us. */
SEC("lsm/socket_bind")
int BPF_PROG(vsock_bind, struct socket *sock, struct sockaddr *address, int addrlen)
{
	struct evm_access port = { .op = EVM_OP_BIND_PORT }, cid = { .op = EVM_OP_BIND_CID };
	struct sockaddr_vm vm = {};
	int r;

	/* A vsock socket takes no address of another family (net/vmw_vsock/vsock_addr.c, vsock_addr_cast). */
	if (address->sa_family != AF_VSOCK || addrlen < (int)sizeof(vm))
		return 0;
	if (bpf_probe_read_kernel(&vm, sizeof(vm), address))
		return -EPERM;
	port.owner = owner_of(vm.svm_port);
	cid.owner = owner_of(vm.svm_cid);
	r = answer(port, 0, vm.svm_port);
	return r ? r : answer(cid, 0, vm.svm_cid);
}

#endif
