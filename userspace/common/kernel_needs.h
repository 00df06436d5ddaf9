/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the policy needs of the running kernel, by name: early_vm_init looks for it before it loads anything (init/features.c), and
 * `early_vmctl doctor` says what of it is missing.
 */
#ifndef COMMON_KERNEL_NEEDS_H
#define COMMON_KERNEL_NEEDS_H

#include <stdbool.h>
#include <stddef.h>

/* Type information (CONFIG_DEBUG_INFO_BTF), and that of the module, where vhost_vsock is one. */
#define KERNEL_TYPES_FILE "/sys/kernel/btf/vmlinux"
#define VSOCK_TYPES_FILE "/sys/kernel/btf/vhost_vsock"

/* In securityfs: the active LSMs, with commas between them, and the level of lockdown, in brackets. */
#define LSM_LIST_FILE "/sys/kernel/security/lsm"
#define LOCKDOWN_FILE "/sys/kernel/security/lockdown"

/* The program by which the kernel loads modules. */
#define MODPROBE_FILE "/proc/sys/kernel/modprobe"

/* BPF LSM programs run only while this is 1. */
#define FTRACE_SWITCH "/proc/sys/kernel/ftrace_enabled"

/* The next name of *LIST, the text of LSM_LIST_FILE, with its length; NULL at the end.  *LIST moves behind it. */
const char *lsm_list_next(const char **list, size_t *ret_bytes);

bool lsm_list_has(const char *list, const char *name);

/*
 * Kernels of 6.1.y without this function leave an LSM program out where a preempted task is inside it already, as all kernels do
 * with tracing programs: some opens of a guarded device would pass.
 */
#define FUNCTION_LSM_ALWAYS_RUNS "__bpf_prog_enter_recur"

/* The ioctls of /dev/vhost-vsock (drivers/vhost/vsock.c); claim_done attaches to it (early_vm/programs.h). */
#define FUNCTION_VSOCK_IOCTL "vhost_vsock_dev_ioctl"

#endif
