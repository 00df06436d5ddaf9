/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The policy: only the binary that is listed for a CID, and the manager and VMM that it starts, may open /dev/kvm and
 * /dev/vhost-vsock and take that CID.
 *
 *   label.bpf.h   the label of a task: exec, fork, end of a task
 *   device.bpf.h  opening and receiving the devices, vsock ports
 *   claim.bpf.h   ioctls: creating VMs, claiming and starting a CID
 *   seal.h        the seal: seal_mount.bpf.h: mounts; seal_bpf.bpf.h: programs, maps, links of others; seal_task.bpf.h: labelled
 *                 tasks; seal_file.bpf.h: pins, listed files; seal_subvolume.h; seal_search.h: searches of the kernel's memory
 *   file_system_end.bpf.h: file systems that end
 *   walk.h        walks over the entries of maps
 *
 * The decisions are in include/early_vm/decide.h; the programs gather facts.  With empty maps everything is refused.
 * Nothing but the loader writes `rules` and `cids`; user space can't reach `labels` once the maps are frozen.
 */
#include "label.bpf.h"
#include "device.bpf.h"
#include "claim.bpf.h"
#include "seal.h"
#include "file_system_end.bpf.h"
#include "walk.h"

#include <early_vm/programs.h>

/* The whole question.  A function of its own, so that the common way of device_open needs no stack and saves no registers. */
static __noinline int check_open(struct file *file, struct inode *inode)
{
	if (is_character_device(inode))
		return may_be_guarded(inode) ? check_device(inode, EVM_OP_OPEN) : 0;
	return file->f_mode & FMODE_WRITE ? keep_from_writing(file, inode) : 0;
}

/*
 * Every open comes through here, so it leaves at its first comparisons.  One program for devices and files, because each program
 * on a hook costs everybody about 170 instructions; and few loads, because each is seven instructions on 6.1.
 *
 * A special file has a number, and a listed file has none (checked when it is listed).  One without a number can be a
 * device whose number changes; of the types of files that can be opened, S_IFCHR is in those of the two kinds of devices alone.
 */
SEC("lsm/file_open")
int BPF_PROG(device_open, struct file *file)
{
	struct inode *inode = file->f_inode;
	__u32 rdev = inode->i_rdev;

	if (rdev)
		return may_be_guarded_number(inode, rdev) ? check_open(file, inode) : 0;
	if (inode->i_mode & S_IFCHR)
		return check_open(file, inode);
	if (!(file->f_mode & FMODE_WRITE) || !may_be_kept_from_writing(inode))
		return 0;
	return check_open(file, inode);
}

/* Every row of the table has its program. */
#define HAS_PROGRAM(name, function) _Static_assert(sizeof(&name) == 8, "program of early_vm/programs.h");
EVM_COMMON_PROGRAMS(HAS_PROGRAM)
#ifndef WITHOUT_IOCTL_COMPAT
EVM_IOCTL_COMPAT_PROGRAMS(HAS_PROGRAM)
#endif
#if HAVE_VHOST_VSOCK
EVM_VHOST_VSOCK_PROGRAMS(HAS_PROGRAM)
#endif

char LICENSE[] SEC("license") = "Dual BSD/GPL";
