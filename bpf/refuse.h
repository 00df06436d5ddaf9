/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How the seal refuses: an audit event, and EPERM. */
#ifndef BPF_REFUSE_H
#define BPF_REFUSE_H

#include "audit.h"

static __always_inline int refuse(__u32 op, __u32 reason, __u32 dev, __u64 ino, struct evm_label label)
{
	struct evm_event event = {};

	event.reason = reason;
	event.op = op;
	event.label = label;
	event.object_dev = dev;
	event.object_ino = ino;
	audit(&event);
	return -EPERM;
}

static __always_inline int refuse_inode(__u32 op, __u32 reason, const struct inode *inode)
{
	return refuse(op, reason, BPF_CORE_READ(inode, i_sb, s_dev), BPF_CORE_READ(inode, i_ino),
		      label_of(bpf_get_current_task_btf()));
}

#endif
