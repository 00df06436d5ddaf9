/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A program that does nothing, in the section that names its hook. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define EMPTY(section, name) \
	SEC(section) int name(void *ctx) \
	{ \
		return 0; \
	}
