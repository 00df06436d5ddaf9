/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The ioctls that nobody may make while KVM is closed.  Uses no map. */
#ifndef BPF_REFUSED_IOCTL_H
#define BPF_REFUSED_IOCTL_H

#include "device_number.h"

/*
 * The operation (enum evm_op) that is refused, or 0.  On any character device, as the policy does (claim.bpf.h): the command's number
 * tells which driver it is for.
 */
static __always_inline __u32 refused_ioctl(const struct file *file, unsigned int cmd)
{
	__u32 op = cmd == KVM_CREATE_VM             ? EVM_OP_CREATE_VM :
		   cmd == VHOST_VSOCK_SET_GUEST_CID ? EVM_OP_SET_CID :
		   cmd == VHOST_VSOCK_SET_RUNNING   ? EVM_OP_RUN_CID :
						      0;

	return op && is_character_device(file->f_inode) ? op : 0;
}

#endif
