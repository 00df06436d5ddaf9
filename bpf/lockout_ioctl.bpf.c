/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The rest of what closes KVM when the policy can't be loaded: no task creates a VM, claims a CID or starts one on a descriptor
 * that it had before, or was passed.  lockout.bpf.c and lockout_lsm.bpf.c refuse to open the devices.
 *
 * bpf/build.mk makes four objects of it: an LSM program, and one of the kind fmod_ret for kernels where `bpf` is not among the
 * active LSMs; each for both functions by which the kernel asks (the second is for 32-bit programs, and not every kernel has it).
 */
#include "refused_ioctl.h"

#ifdef IOCTL_COMPAT
#define FUNCTION "file_ioctl_compat"
#else
#define FUNCTION "file_ioctl"
#endif

#ifdef AS_LSM
SEC("lsm/" FUNCTION)
int BPF_PROG(refuse_ioctl, struct file *file, unsigned int cmd, unsigned long arg)
{
	return refused_ioctl(file, cmd) ? -EPERM : 0;
}
#else
SEC("fmod_ret/security_" FUNCTION)
int BPF_PROG(refuse_ioctl, struct file *file, unsigned int cmd, unsigned long arg, int ret)
{
	return !ret && refused_ioctl(file, cmd) ? -EPERM : ret;
}
#endif

char LICENSE[] SEC("license") = "Dual BSD/GPL";
