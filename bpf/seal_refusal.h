/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How the seal refuses: an audit event, and EPERM. */
#ifndef BPF_SEAL_REFUSAL_H
#define BPF_SEAL_REFUSAL_H

#include "audit.h"

/* OBJECT_ID: its number; OBJECT_DEV: the device number of its file system, 0 where it has none. */
static __always_inline int refuse(__u32 op, __u32 reason, __u64 object_id, __u32 object_dev)
{
	audit(refusal(op, reason), object_id, object_of(object_dev, 0), 0, 0);
	return -EPERM;
}

static __always_inline int refuse_inode(__u32 op, __u32 reason, const struct inode *inode)
{
	return refuse(op, reason, BPF_CORE_READ(inode, i_ino), BPF_CORE_READ(inode, i_sb, s_dev));
}

#endif
