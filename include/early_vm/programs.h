/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
/*
 * The policy's BPF programs, each with the kernel function that it attaches to: the one list from which the loader, the seal,
 * `early_vmctl status` and the tests take them.
 *
 * A row without its program does not compile (bpf/policy.bpf.c), nor does a program without its row
 * (userspace/init/policy_variants.c); that program and function belong together is checked when the seal is set.
 */
#ifndef EARLY_VM_PROGRAMS_H
#define EARLY_VM_PROGRAMS_H

/*
 * P(name, kernel function).  In the order in which they are attached: the gates first.  While the maps are empty each gate
 * refuses, so an interrupted load leaves the devices closed.
 *
 * The denials are LSM programs.  Programs of the kind fmod_ret, which would run before every LSM program, can't replace them: the
 * kernel leaves a tracing program out on a processor where a preempted task is inside it already (__bpf_prog_enter_recur), so
 * some opens of a guarded device would pass.  For the same reason claim_done, the only tracing program, decides nothing alone.
 */
#define EVM_COMMON_PROGRAMS(P) \
	P(device_open, bpf_lsm_file_open) \
	P(device_receive, bpf_lsm_file_receive) \
	P(claim_ioctl, bpf_lsm_file_ioctl) \
	P(vsock_bind, bpf_lsm_socket_bind) \
	P(exec_decide, bpf_lsm_bprm_creds_from_file) \
	P(exec_commit, bpf_lsm_bprm_committed_creds) \
	P(fork_inherit, bpf_lsm_task_alloc) \
	P(task_gone, bpf_lsm_task_free) \
	P(seal_unlink, bpf_lsm_inode_unlink) \
	P(seal_rmdir, bpf_lsm_inode_rmdir) \
	P(seal_rename, bpf_lsm_inode_rename) \
	P(seal_link, bpf_lsm_inode_link) \
	P(seal_setattr, bpf_lsm_inode_setattr) \
	P(seal_setxattr, bpf_lsm_inode_setxattr) \
	P(seal_quota, bpf_lsm_quota_on) \
	P(seal_umount, bpf_lsm_sb_umount) \
	P(seal_mount, bpf_lsm_sb_mount) \
	P(seal_move_mount, bpf_lsm_move_mount) \
	P(seal_pivot_root, bpf_lsm_sb_pivotroot) \
	P(seal_bpf, bpf_lsm_bpf) \
	P(seal_bpf_prog, bpf_lsm_bpf_prog) \
	P(seal_bpf_map, bpf_lsm_bpf_map) \
	P(seal_write_user, bpf_lsm_locked_down) \
	P(seal_perf_event, bpf_lsm_perf_event_open) \
	P(seal_trace, bpf_lsm_ptrace_access_check) \
	P(seal_traceme, bpf_lsm_ptrace_traceme) \
	P(rules_gone, bpf_lsm_sb_delete)

/* Where the kernel has the hook (mainline 6.8, and stable series). */
#define EVM_IOCTL_COMPAT_PROGRAMS(P) \
	P(claim_ioctl_32, bpf_lsm_file_ioctl_compat)

/* Where vhost_vsock is built in or loaded. */
#define EVM_VHOST_VSOCK_PROGRAMS(P) \
	P(claim_done, vhost_vsock_dev_ioctl)

#define EVM_PROGRAMS(P) EVM_COMMON_PROGRAMS(P) EVM_IOCTL_COMPAT_PROGRAMS(P) EVM_VHOST_VSOCK_PROGRAMS(P)

/* Iterators: they run when they are read (bpf/iterators.bpf.c). */
#define EVM_ITERATORS(P) \
	P(tasks, bpf_iter_bpf_map_elem) \
	P(resolve, bpf_iter_task_file)

#endif
