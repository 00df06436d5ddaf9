/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the policy's programs cost the verifier: prints "NAME INSTRUCTIONS" a line for each program that the kernel has, by
 * the number of instructions that the verifier looked at (a program's instruction on two ways counts twice).
 */
#include <linux/bpf.h>
#include <stdio.h>

#include "common/bpf_sys.h"
#include "common/cleanup.h"

enum { MAX_ID = 1000 }; /* numbers are given out in a row, from the boot on */

int main(void)
{
	for (uint32_t id = 1; id < MAX_ID; id++) {
		_cleanup_close_ int fd = bpf_sys_program(id);
		struct bpf_prog_info info = {};

		if (fd >= 0 && !bpf_sys_info(fd, &info, sizeof(info)))
			printf("%s %u\n", info.name, info.verified_insns);
	}
	return 0;
}
