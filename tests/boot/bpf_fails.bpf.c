/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Makes bpf(2) calls of early_vm_init fail, in whatever process it runs, and also those that the kernel makes for it while
 * it runs a light skeleton, which no filter of system calls sees.
 */
#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "bpf_fails.h"

enum { EPERM = 1, ENOMEM = 12, ENOSPC = 28, SIGSTOP = 19 };

struct fault fault = {};

static const char program[] = "early_vm_init";

/* The kernel takes constants alone as the answer of an LSM program. */
static __always_inline int fail(void)
{
	switch (fault.error) {
	case ENOMEM:
		return -ENOMEM;
	case ENOSPC:
		return -ENOSPC;
	default:
		return -EPERM;
	}
}

SEC("lsm/bpf")
int BPF_PROG(fail_call, int cmd)
{
	char comm[16];
	__u64 calls;

	bpf_get_current_comm(comm, sizeof(comm));
	if (bpf_strncmp(comm, sizeof(program), program) ||
	    (fault.command != ANY_COMMAND && fault.command != (__u32)cmd))
		return 0;
	calls = __sync_fetch_and_add(&fault.calls, 1) + 1;
	if (fault.stop) {
		if (calls == fault.first)
			bpf_send_signal(SIGSTOP);
		return 0;
	}
	return calls == fault.first || (calls > fault.first && !fault.once) ? fail() : 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
