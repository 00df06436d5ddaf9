/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
/*
 * The closed lists of what BPF programs of others may attach to where they can answer for the kernel, once the policy is
 * sealed.  What is not listed here is refused, hooks of future kernels included.
 *
 * An LSM program of another that runs before one of the policy's on the same hook could answer in its place: the newest program
 * runs first, the trampoline skips the others if its result is not 0 as a 64-bit number, and the caller looks at the low half.
 * So a hook is listed only if
 *   - the policy has no program on it (early_vm/programs.h), and
 *   - nothing that a program can do or answer there reaches a decision of the policy: the hooks of an exec (bprm_*, where a
 *     program could take AT_SECURE away), of BPF, of lockdown, of mounts, of ptrace and of the end of tasks, file systems and
 *     credentials are left out as a whole.
 * A kernel may lack some of them.  One that lets LSM programs answer more than 0 or an errno (before 6.12) has none of the hooks: where an
 * errno is expected, a positive number passes for a result, as from mmap_addr for the place of a labelled task's next mapping.
 */
#ifndef EARLY_VM_FOREIGN_HOOKS_H
#define EARLY_VM_FOREIGN_HOOKS_H

/* clang-format off */
/* H(name): the LSM hook without "bpf_lsm_". */
#define EVM_FOREIGN_LSM_HOOKS(H) \
	/* names, and the files that they stand for */ \
	H(path_chmod) H(path_chown) H(path_chroot) H(path_link) H(path_mkdir) H(path_mknod) H(path_notify) H(path_rename) \
	H(path_rmdir) H(path_symlink) H(path_truncate) H(path_unlink) \
	H(inode_create) H(inode_symlink) H(inode_mkdir) H(inode_mknod) H(inode_readlink) H(inode_follow_link) H(inode_permission) \
	H(inode_getattr) H(inode_getxattr) H(inode_listxattr) H(inode_removexattr) H(inode_set_acl) H(inode_get_acl) \
	H(inode_remove_acl) H(inode_file_getattr) H(inode_file_setattr) \
	H(file_permission) H(file_lock) H(file_fcntl) H(file_mprotect) H(file_post_open) H(file_truncate) \
	H(mmap_addr) H(mmap_file) \
	H(quotactl) H(sb_statfs) \
	/* tasks and their rights */ \
	H(capable) H(capget) H(capset) H(task_fix_setuid) H(task_fix_setgid) H(task_fix_setgroups) H(task_kill) H(task_prlimit) \
	H(task_setnice) H(task_setioprio) H(task_getioprio) H(task_setrlimit) H(task_setscheduler) H(task_getscheduler) \
	H(task_movememory) H(task_setpgid) H(task_getpgid) H(task_getsid) H(userns_create) \
	/* sockets */ \
	H(socket_create) H(socket_post_create) H(socket_socketpair) H(socket_connect) H(socket_listen) H(socket_accept) \
	H(socket_sendmsg) H(socket_recvmsg) H(socket_getsockname) H(socket_getpeername) H(socket_getsockopt) H(socket_setsockopt) \
	H(socket_shutdown) H(socket_sock_rcv_skb) H(unix_stream_connect) H(unix_may_send) H(netlink_send) H(inet_conn_request) \
	H(inet_conn_established) H(inet_csk_clone) H(sk_alloc_security) H(sk_free_security) H(sk_clone_security) H(sock_graft) \
	H(sctp_assoc_request) H(sctp_bind_connect) H(tun_dev_create) H(tun_dev_open) H(tun_dev_attach) H(tun_dev_attach_queue) \
	/* messages, memory and semaphores between processes; keys */ \
	H(ipc_permission) H(msg_queue_associate) H(msg_queue_msgctl) H(msg_queue_msgsnd) H(msg_queue_msgrcv) H(shm_associate) \
	H(shm_shmctl) H(shm_shmat) H(sem_associate) H(sem_semctl) H(sem_semop) H(key_alloc) H(key_permission) \
	/* the kernel */ \
	H(kernel_module_request) H(kernel_load_data) H(kernel_post_load_data) H(kernel_read_file) H(kernel_post_read_file) \
	H(syslog) H(settime) H(perf_event_read) H(perf_event_write) H(uring_override_creds) H(uring_sqpoll) H(uring_cmd) \
	H(uring_allowed) H(binder_transaction) H(binder_transfer_binder) H(binder_set_context_mgr)
/* clang-format on */

/* F(name): functions other than the LSM's on which fmod_ret programs are in use; none on security_*, none of a system call. */
#define EVM_FOREIGN_MODIFY_RETURN(F) \
	F(update_socket_protocol) /* MPTCP for programs that ask for TCP */ \
	F(hid_bpf_device_event)   /* HID-BPF before 6.11, the kernel's own */ \
	F(hid_bpf_rdesc_fixup) \
	F(__hid_bpf_tail_call)

/*
 * I(name): the iterators of others.  One that is handed a socket can put it into a map of sockets, and whatever is sent to a labelled
 * task by a Unix socket would pass programs of others then; so those alone that are handed IP sockets, for which the network needs no
 * less trust.  (One over the values of maps writes them, one over files gets at their sockets, and another one on the same could take the
 * place of the policy's in its pinned link.)
 */
#define EVM_FOREIGN_ITERATORS(I) \
	I(bpf_iter_tcp) /* Cilium ends connections by these two */ \
	I(bpf_iter_udp)

#endif
