/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
/*
 * The mounts between the pins and the root of their mount namespace, as the kernel sees them: what the iterator "resolve"
 * reports (bpf/mount_chain.h) and what the seal keeps (bpf/seal_mount.bpf.h).
 */
#ifndef EARLY_VM_MOUNT_CHAIN_H
#define EARLY_VM_MOUNT_CHAIN_H

#include <linux/types.h>

enum { EVM_CHAIN_MAX = 12 }; /* usually 3: the BPF file system, sysfs, the root */

struct evm_chain_mount {
	__u64 mount; /* address of the struct mount; 0: no more mounts */
	/* address of the dentry on which it is mounted; the namespace's root: of its own root directory */
	__u64 point;
	__u64 point_ino; /* inode of that */
	__u32 id;        /* the mount ID of /proc/PID/mountinfo */
	__u32 group;     /* the peer group of /proc/PID/mountinfo ("shared:N"), 0: none */
};

/* From the mount itself up to the root; the last one is mounted on nothing. */
struct evm_chain {
	struct evm_chain_mount mounts[EVM_CHAIN_MAX];
	__u32 count; /* EVM_CHAIN_MAX + 1: there are more than fit */
	__u32 reserved;
};

_Static_assert(sizeof(struct evm_chain_mount) == 32, "no padding");
_Static_assert(sizeof(struct evm_chain) == 32 * EVM_CHAIN_MAX + 8, "no padding");

#endif
