/* SPDX-License-Identifier: Apache-2.0 */
#include "init/policy_variants.h"

#include <errno.h>

/* The generated skeletons don't keep to this project's warnings. */
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wsign-compare"
#pragma GCC diagnostic ignored "-Wpointer-arith"
#pragma GCC diagnostic ignored "-Woverlength-strings"

#include "lockout.lskel.h"
#include "policy_bare.lskel.h"
#include "policy_full.lskel.h"
#include "policy_no_compat.lskel.h"
#include "policy_no_vsock.lskel.h"
#include "resolve.lskel.h"

#define HOOK(name) policy_object_add(&object, #name, skel->progs.name.prog_fd, false);
#define ITERATOR(name) policy_object_add(&object, #name, skel->progs.name.prog_fd, true);
#define MAP(index, name) object.maps[index] = skel->maps.name.map_fd;

/* In the order in which they are attached: the gates first. */
#define COMMON_PROGRAMS \
	HOOK(device_open) HOOK(device_receive) HOOK(claim_ioctl) HOOK(vsock_bind) \
	HOOK(exec_decide) HOOK(exec_commit) HOOK(fork_inherit) HOOK(task_gone) \
	HOOK(seal_unlink) HOOK(seal_rmdir) HOOK(seal_rename) HOOK(seal_link) HOOK(seal_setattr) HOOK(seal_setxattr) \
	HOOK(seal_umount) HOOK(seal_mount) HOOK(seal_move_mount) HOOK(seal_pivot_root) \
	HOOK(seal_bpf_prog) HOOK(seal_write_user) HOOK(seal_bpf_map) HOOK(seal_trace) HOOK(seal_traceme) HOOK(rules_gone) \
	ITERATOR(tasks)

#define ALL_MAPS \
	MAP(POLICY_RULES, rules) MAP(POLICY_CIDS, cids) MAP(POLICY_LABELS, labels) MAP(POLICY_CLAIMS, claims) \
	MAP(POLICY_EVENTS, events) MAP(POLICY_COUNTERS, counters) MAP(POLICY_RECENT, recent) \
	MAP(POLICY_STATE, bss) MAP(POLICY_CONFIG, rodata)

/* The skeleton is freed without its descriptors, which pass to the object; its view of the variables is unmapped. */
#define VARIANT(variant, programs) \
	int variant##_load(char *log, size_t log_bytes, struct policy_object *ret) \
	{ \
		struct policy_object object = {}; \
		struct variant *skel = variant##__open(); \
		int r; \
\
		if (!skel) \
			return -ENOMEM; \
		skel->ctx.log_level = log ? 1 : 0; \
		skel->ctx.log_buf = (uint64_t)(uintptr_t)log; \
		skel->ctx.log_size = (uint32_t)log_bytes; \
		r = variant##__load(skel); \
		if (r < 0) { \
			variant##__destroy(skel); \
			return r; \
		} \
		programs \
		ALL_MAPS \
		skel_free_map_data(skel->bss, skel->maps.bss.initial_value, 4096); \
		skel_free_map_data(skel->rodata, skel->maps.rodata.initial_value, 4096); \
		skel_free(skel); \
		*ret = object; \
		return 0; \
	}

VARIANT(policy_full, COMMON_PROGRAMS HOOK(claim_ioctl_32) HOOK(claim_done))
VARIANT(policy_no_compat, COMMON_PROGRAMS HOOK(claim_done))
VARIANT(policy_no_vsock, COMMON_PROGRAMS HOOK(claim_ioctl_32))
VARIANT(policy_bare, COMMON_PROGRAMS)

/* An object of one program, which has no maps: its descriptor. */
#define ONE_PROGRAM(object, program) \
	int object##_load(void) \
	{ \
		struct object *skel = object##__open(); \
		int fd, r; \
\
		if (!skel) \
			return -ENOMEM; \
		r = object##__load(skel); \
		fd = r < 0 ? r : skel->progs.program.prog_fd; \
		if (r < 0) \
			object##__destroy(skel); \
		else \
			skel_free(skel); \
		return fd; \
	}

ONE_PROGRAM(resolve, resolve)
ONE_PROGRAM(lockout, refuse_all)
