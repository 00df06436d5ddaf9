/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A program with the name and the hook of one of the policy's, which allows everything, and has a map of its own.
 */
#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

__u64 opens;

SEC("lsm/file_open")
int BPF_PROG(device_open)
{
	opens++;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
