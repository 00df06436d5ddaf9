/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * BPF programs of the shape that others attach to every open, to measure beside the policy (tests/bench/peer.c):
 *
 *   restrict_fs  as systemd's RestrictFileSystems=: the task's cgroup and the file system's magic number are looked up
 *   d_path       as tools that judge by paths: the file's path is made and looked up
 */
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct super_block {
	unsigned long s_magic;
};
struct inode {
	struct super_block *i_sb;
};
struct path {
	void *mnt, *dentry;
};
struct file {
	struct inode *f_inode;
	struct path f_path;
};
#pragma clang attribute pop

enum { PATH_BYTES = 256 };

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u64);
	__type(value, __u32);
} allowed SEC(".maps");

struct path_text {
	char bytes[PATH_BYTES];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, struct path_text);
	__type(value, __u32);
} paths SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct path_text);
} scratch SEC(".maps");

SEC("lsm/file_open")
int BPF_PROG(restrict_fs, struct file *file)
{
	__u64 cgroup = bpf_get_current_cgroup_id(), magic = BPF_CORE_READ(file, f_inode, i_sb, s_magic);
	__u32 *of_cgroup = bpf_map_lookup_elem(&allowed, &cgroup), *of_magic = bpf_map_lookup_elem(&allowed, &magic);

	/* By branches: the verifier knows no bounds of what the compiler makes of a condition. */
	if (!of_cgroup)
		return 0;
	barrier_var(of_magic);
	return of_magic ? 0 : -1;
}

SEC("lsm/file_open")
int BPF_PROG(d_path, struct file *file)
{
	__u32 zero = 0, *listed;
	struct path_text *text = bpf_map_lookup_elem(&scratch, &zero);

	if (!text)
		return 0;
	__builtin_memset(text, 0, sizeof(*text));
	bpf_d_path(&file->f_path, text->bytes, sizeof(text->bytes));
	listed = bpf_map_lookup_elem(&paths, text);
	if (!listed)
		return 0;
	barrier_var(listed);
	return *listed ? -1 : 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
