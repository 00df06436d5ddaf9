/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The policy: only the binary that is listed for a CID, and the manager and VMM that it starts, may open /dev/kvm and
 * /dev/vhost-vsock and take that CID.
 *
 *   label.h      which task is whom?             exec, fork, end of a task
 *   device.h     who may open and be handed?     received descriptors, vsock ports
 *   claim.h      who may take a CID and run it?  ioctls
 *   seal.h       what stays as it is?            maps, pins, programs, listed files, labelled tasks
 *   gone.h       what of a file system that is no more?
 *   iterators.h  what the loader and the auditor ask
 *
 * The decisions are in include/early_vm/decide.h; the programs gather facts.  With empty maps everything is refused.
 * Nothing but the loader writes `rules` and `cids`; user space can't reach `labels` once the maps are frozen.
 */
#include "label.h"
#include "device.h"
#include "claim.h"
#include "seal.h"
#include "gone.h"
#include "iterators.h"

/*
 * Every open comes through here, so it leaves at its first compares: a device number, then the wish to write.  One
 * program for both questions, because each program on a hook costs everybody about 170 instructions.
 */
SEC("lsm/file_open")
int BPF_PROG(device_open, struct file *file)
{
	struct inode *inode = file->f_inode;

	if (inode->i_rdev) {
		__u32 dev = guarded_device(inode);

		return dev ? answer_device(dev, EVM_OP_OPEN) : 0;
	}
	return file->f_mode & FMODE_WRITE ? answer_write(file, inode) : 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
