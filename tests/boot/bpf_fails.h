/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
/* Which calls fail: what the program that makes them fail and the one that loads it share. */
#ifndef BPF_FAILS_H
#define BPF_FAILS_H

#include <linux/types.h>

#define ANY_COMMAND ((__u32)-1)

struct fault {
	__u32 command; /* enum bpf_cmd, or ANY_COMMAND */
	__u32 error;   /* errno: EPERM, ENOMEM or ENOSPC */
	__u64 first;   /* counted from 1 */
	__u64 once;    /* 0: the later ones fail too */
	__u64 stop;    /* the process is stopped at the call FIRST; nothing fails */
	__u64 calls;   /* counted by the program */
};

#endif
