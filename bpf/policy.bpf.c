/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The policy: only the binary that is listed for a CID, and the manager and VMM that it starts, may open /dev/kvm and
 * /dev/vhost-vsock and take that CID.
 *
 *   label.h      which task is whom?             exec, fork, end of a task; the auditor's list
 *   device.h     who may open and be handed?     received descriptors, vsock ports
 *   claim.h      who may take a CID and run it?  ioctls
 *   seal.h       what stays as it is?            maps, mounts, programs, labelled tasks; seal_file.h: pins, listed files
 *   gone.h       what of a file system that is no more?
 *
 * The decisions are in include/early_vm/decide.h; the programs gather facts.  With empty maps everything is refused.
 * Nothing but the loader writes `rules` and `cids`; user space can't reach `labels` once the maps are frozen.
 */
#include "label.h"
#include "device.h"
#include "claim.h"
#include "seal.h"
#include "gone.h"

/* A function of its own, so that the opens of everybody else, which end before it, don't save registers for it. */
static __noinline int answer_open(struct file *file, const struct inode *inode)
{
	__u32 dev = guarded_device(inode);

	return dev ? answer_device(dev, EVM_OP_OPEN) : keep_from_writing(file, inode);
}

/*
 * Every open comes through here, so it leaves at its first compares: a device number, then the wish to write.  One
 * program for both questions, because each program on a hook costs everybody about 170 instructions.
 */
SEC("lsm/file_open")
int BPF_PROG(device_open, struct file *file)
{
	struct inode *inode = file->f_inode;
	__u32 rdev = inode->i_rdev;

	if (rdev)
		return is_guarded_number(rdev) ? answer_open(file, inode) : 0;
	if (!(file->f_mode & FMODE_WRITE) || !may_be_kept_from_writing(inode))
		return 0;
	return answer_open(file, inode);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
