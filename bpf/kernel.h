/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The few kernel types that the policy reads, and only the fields that it reads.  CO-RE finds each field by name when
 * the program is loaded, so order and size don't matter here.
 */
#ifndef BPF_KERNEL_H
#define BPF_KERNEL_H

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

#include <early_vm/policy.h>

#include "kernel_constants.h"

enum {
	S_IFMT = 0170000,
	S_IFCHR = 0020000,
	AF_VSOCK = 40, /* include/linux/socket.h */
	SIGKILL = 9,
};

/*
 * For a loop that clang should not unroll: the verifier follows each iteration either way, but newer kernels (audit.h) go over all
 * instructions before that, so that a longer program takes longer to load.
 */
#define DONT_UNROLL _Pragma("clang loop unroll(disable)")

enum { EPERM = 1, ENOENT = 2, EAGAIN = 11 };

/* include/uapi/linux/kvm.h, include/uapi/linux/vhost.h; the numbers are the same for 32-bit callers. */
enum { VHOST_TYPE = 0xAF, KVM_CREATE_VM = 0xAE01 };
#define VHOST_VSOCK_SET_GUEST_CID 0x4008AF60u
#define VHOST_VSOCK_SET_RUNNING 0x4004AF61u

/* include/linux/security.h; CO-RE has its value. */
enum lockdown_reason { LOCKDOWN_BPF_WRITE_USER = 1 };

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* include/linux/quota.h: the quota files of a file system, of users, groups and projects. */
struct quota_info {
	struct inode *files[3];
};

struct super_block {
	__u32 s_dev;
	unsigned long s_magic;
	struct quota_info s_dquot;
};

typedef struct {
	int counter;
} atomic_t;

struct timespec64 {
	__s64 tv_sec;
	long tv_nsec;
};

struct inode {
	unsigned short i_mode;
	__u32 i_rdev;
	struct super_block *i_sb;
	unsigned long i_ino;
	unsigned char i_blkbits;
	__u32 i_generation;
	atomic_t i_writecount; /* below 0: as many run it */
};

/* The change time has moved twice: up to 6.5, 6.6 to 6.10, from 6.11 on. */
struct inode___upto_6_5 {
	struct timespec64 i_ctime;
};

struct inode___upto_6_10 {
	struct timespec64 __i_ctime;
};

struct inode___since_6_11 {
	__s64 i_ctime_sec;
	__u32 i_ctime_nsec;
};

struct qstr {
	const unsigned char *name;
};

struct dentry {
	struct qstr d_name;
	struct inode *d_inode;
};

struct mnt_namespace;

struct vfsmount {
	struct dentry *mnt_root;
};

/* fs/mount.h: what stands around a vfsmount. */
struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
	struct mnt_namespace *mnt_ns;
	int mnt_id;
	int mnt_group_id;
};

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};

struct file {
	struct path f_path;
	struct inode *f_inode;
	void *f_op; /* of another type; its address alone matters */
	unsigned int f_mode;
	void *private_data;
};

struct bpf_map {
	struct bpf_map *inner_map_meta;
	enum bpf_map_type map_type;
	__u32 key_size;
	__u32 value_size;
	__u32 map_flags;
	__u32 id;
};

struct bpf_prog;

struct bpf_prog_aux {
	__u32 used_map_cnt;
	__u32 id;
	__u32 attach_btf_id;
	struct bpf_prog *dst_prog; /* while it is not attached */
	enum bpf_prog_type saved_dst_prog_type;
	_Bool kprobe_write_ctx;
	__u64 load_time;
	struct bpf_map **used_maps;
};

struct bpf_prog {
	__u16 kprobe_override : 1;
	enum bpf_prog_type type;
	enum bpf_attach_type expected_attach_type;
	struct bpf_prog_aux *aux;
};

struct user_namespace {
	int level;
};

struct cred {
	struct user_namespace *user_ns;
};

struct mnt_namespace {
	struct user_namespace *user_ns;
};

struct nsproxy {
	struct mnt_namespace *mnt_ns;
};

/* kernel/seccomp.c: the newest filter of a task; the older ones, and those of its parents, follow. */
struct seccomp_filter {
	void *notif; /* a process that answers for the kernel listens to this one */
	struct seccomp_filter *prev;
};

struct seccomp {
	struct seccomp_filter *filter;
};

struct task_struct {
	int pid;
	int tgid;
	int exit_state;
	struct seccomp seccomp;
	const struct cred *cred;
	struct nsproxy *nsproxy;
	char comm[EVM_COMM_BYTES];
};

struct linux_binprm {
	struct file *file;
	struct cred *cred;
	int unsafe;
	char buf[256];
};

/* drivers/vhost: a virtqueue has private_data exactly while the device runs. */
struct vhost_virtqueue {
	void *private_data;
};

struct vhost_vsock {
	struct vhost_virtqueue vqs[2];
	__u32 guest_cid;
};

#pragma clang attribute pop

/*
 * What follows is where it is for every kernel: it is what the kernel shows to user space and to programs.  Without a
 * search by name, which takes longer than the verification of a small program.
 */

struct sockaddr {
	unsigned short sa_family;
};

struct seq_file;

struct bpf_iter_meta {
	struct seq_file *seq;
};

struct bpf_iter__task_file {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
	__u32 fd;
	struct file *file;
};

struct bpf_iter__bpf_map_elem {
	struct bpf_iter_meta *meta;
	struct bpf_map *map;
	void *key;
	void *value;
};

/* include/uapi/linux/vm_sockets.h */
struct sockaddr_vm {
	__u16 svm_family;
	__u16 svm_reserved1;
	__u32 svm_port;
	__u32 svm_cid;
	__u32 svm_rest;
};

#endif
