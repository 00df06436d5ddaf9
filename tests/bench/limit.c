/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What it costs at least to start: loads and attaches an empty program on each hook of the policy, as early_vm_init does
 * it, and prints "load MICROSECONDS, attach MICROSECONDS".  For test machines only.
 */
#include <stdio.h>
#include <time.h>

#include "common/kernel_types.h"
#include "init/skeleton_loader.h"

#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wpointer-arith"
#pragma GCC diagnostic ignored "-Wsign-compare"
#pragma GCC diagnostic ignored "-Woverlength-strings"
#define bpf_load_and_run skeleton_load
#include "limit.lskel.h"

static long now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int main(void)
{
	long begin = now_us(), loaded;
	struct limit *skel = limit__open_and_load();

	loaded = now_us();
	if (!skel || limit__attach(skel)) {
		fputs("limit: the empty programs could not be loaded and attached\n", stderr);
		return 1;
	}
	printf("load %ld, attach %ld\n", loaded - begin, now_us() - loaded);
	return 0;
}
