/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Opening /dev/kvm and /dev/vhost-vsock, receiving a descriptor of them, binding a listed port.
 *
 * device_number.h tells them.  Nothing is remembered of a descriptor: a task that lost its label is refused on the descriptors
 * that it still holds (claim.bpf.h).
 */
#ifndef BPF_DEVICE_H
#define BPF_DEVICE_H

#include "device_number.h"
#include "label.bpf.h"

/* What the current task asks for: the facts of the decision, and what the audit says of the object. */
struct request {
	struct evm_access access;
	__u32 dev; /* device number, 0 for a socket */
	__u32 cid; /* CID or port, 0 for none */
};

static __always_inline __u32 decide(struct evm_label label, struct evm_access access)
{
	return evm_decide_access(label, access);
}

/* One exit for every refusal of a program: each copy of it would be verified again at every boot. */
static __always_inline int allow_or_refuse(const struct request *request, __u32 reason)
{
	if (reason == EVM_ALLOWED)
		return 0;
	audit(refusal(request->access.op, reason), request->cid ? request->cid : request->dev,
	      object_of(request->dev, request->access.owner), request->cid, 0);
	return -EPERM;
}

/* For a character device that may be a guarded one: who has no right to those is refused it. */
static __always_inline int check_device(const struct inode *inode, __u32 op)
{
	struct request request = { .access = { .op = op }, .dev = inode->i_rdev };
	struct evm_label label = label_of(bpf_get_current_task_btf());
	__u32 reason = decide(label, request.access);

	if (reason != EVM_ALLOWED && !is_guarded_number(request.dev))
		reason = EVM_DEVICE_NUMBER;
	return allow_or_refuse(&request, reason);
}

SEC("lsm/file_receive")
int BPF_PROG(device_receive, struct file *file)
{
	struct inode *inode = file->f_inode;

	return is_character_device(inode) && may_be_guarded(inode) ? check_device(inode, EVM_OP_RECEIVE) : 0;
}

static __always_inline struct request bind_request(__u32 op, __u32 number)
{
	struct request request = { .access = { .op = op, .owner = owner_of(number) }, .cid = number };

	return request;
}

/* ADDRESS is the kernel's own copy, so it can't change under us. */
SEC("lsm/socket_bind")
int BPF_PROG(vsock_bind, struct socket *sock, struct sockaddr *address, int addrlen)
{
	struct sockaddr_vm vm = {};
	struct request request;
	struct evm_label label;
	__u32 reason;

	/* A vsock socket takes no address of another family (net/vmw_vsock/vsock_addr.c, vsock_addr_cast). */
	if (address->sa_family != AF_VSOCK || addrlen < (int)sizeof(vm))
		return 0;
	if (bpf_probe_read_kernel(&vm, sizeof(vm), address))
		return -EPERM;
	label = label_of(bpf_get_current_task_btf());
	request = bind_request(EVM_OP_BIND_PORT, vm.svm_port);
	reason = decide(label, request.access);
	if (reason == EVM_ALLOWED) {
		request = bind_request(EVM_OP_BIND_CID, vm.svm_cid);
		reason = decide(label, request.access);
	}
	return allow_or_refuse(&request, reason);
}

#endif
