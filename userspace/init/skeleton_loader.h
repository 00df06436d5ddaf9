/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loads a light skeleton.  bpftool makes a skeleton of data and of a BPF program that makes the bpf(2) calls.  Meant to run in the
 * kernel, where each function to attach to and each structure is searched by name in all types of the kernel: more than half of the
 * time to load the policy.  Here the same program runs in user space, and what it asks for by name comes from one
 * pass over the kernel's types (common/kernel_types.h).  The calls and their order are the same, and any that fails ends it.
 */
#ifndef INIT_SKELETON_LOADER_H
#define INIT_SKELETON_LOADER_H

#include <errno.h> /* which the next one needs */

#include <bpf/skel_internal.h>

/*
 * Takes the place of bpf_load_and_run (bpf/skel_internal.h), with the same result: the descriptors are in OPTIONS->ctx.  Says what is
 * wrong where it is not a call that the kernel refused.  Not thread-safe.
 * Returns 0 or a negative errno; nothing is loaded then.
 */
int skeleton_load(struct bpf_load_and_run_opts *options);

/* What a skeleton's program calls; tests have others.  Each returns what the kernel's helper does. */
struct skeleton_calls {
	long (*bpf)(int command, union bpf_attr *attr, uint32_t bytes);
	/* type ID, and in the upper half the descriptor of a module's types */
	long (*find_type)(const char *name, uint32_t kind);
	long (*close)(int fd);
};

/* The same with these CALLS. */
int skeleton_run(const struct bpf_load_and_run_opts *options, const struct skeleton_calls *calls);

#endif
