/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The last means of PID 1 to keep KVM from everybody, where no BPF program can be attached or what is attached can't be
 * sealed: a filter of system calls, which all processes inherit and none can take off.
 *
 * It needs neither LSM, ftrace nor type information, and lockdown=confidentiality allows it.  What it doesn't reach is the
 * few programs that the kernel itself starts (core_pattern, modprobe), which root can name.
 */
#ifndef INIT_IOCTL_FILTER_H
#define INIT_IOCTL_FILTER_H

/*
 * From now on creating a VM and claiming a CID are refused to this process and to all that it starts, with EPERM.
 * 0: it was tried.  A negative errno after a message: it does not hold.
 */
int ioctl_filter_install(void);

#endif
