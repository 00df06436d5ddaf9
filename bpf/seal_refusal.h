/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How the seal refuses: an audit event, and EPERM. */
#ifndef BPF_SEAL_REFUSAL_H
#define BPF_SEAL_REFUSAL_H

#include "audit.h"

/* EVENT says what and why; the label of the current task is filled in. */
static __always_inline int refuse(struct evm_event *event)
{
	event->label = label_of(bpf_get_current_task_btf());
	audit(event);
	return -EPERM;
}

static __always_inline int refuse_inode(__u32 op, __u32 reason, const struct inode *inode)
{
	struct evm_event event = { .op = op, .reason = reason };

	event.object_dev = BPF_CORE_READ(inode, i_sb, s_dev);
	event.object_id = BPF_CORE_READ(inode, i_ino);
	return refuse(&event);
}

#endif
