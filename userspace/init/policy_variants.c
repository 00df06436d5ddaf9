/* SPDX-License-Identifier: Apache-2.0 */
#include "init/policy_variants.h"

#include <errno.h>

/* The generated skeletons don't keep to this project's warnings. */
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wsign-compare"
#pragma GCC diagnostic ignored "-Wpointer-arith"
#pragma GCC diagnostic ignored "-Woverlength-strings"

#include <early_vm/programs.h>

#include "init/skeleton_loader.h"

/* These close KVM after a failure, so they depend on nothing: the kernel itself looks up what they attach to. */
#include "lockout.lskel.h"
#include "lockout_ioctl.lskel.h"
#include "lockout_ioctl_32.lskel.h"
#include "lockout_ioctl_32_lsm.lskel.h"
#include "lockout_ioctl_lsm.lskel.h"
#include "lockout_audited.lskel.h"
#include "lockout_audited_no_compat.lskel.h"
#include "lockout_lsm.lskel.h"

#ifndef KERNEL_RUNS_SKELETONS /* tests/boot/same_code.c */
#define bpf_load_and_run skeleton_load
#endif
#include "iterators.lskel.h"
#include "policy_bare.lskel.h"
#include "policy_full.lskel.h"
#include "policy_no_compat.lskel.h"
#include "policy_no_vsock.lskel.h"

#define HOOK(name, function) policy_object_add(&object, #name, skel->progs.name.prog_fd, false);
#define ITERATOR(name, function) policy_object_add(&object, #name, skel->progs.name.prog_fd, true);
#define MAP(index, name) object.maps[index] = skel->maps.name.map_fd;
/* The skeleton's view of them is unmapped. */
#define VARIABLES(index, name) \
	MAP(index, name) \
	skel_free_map_data(skel->name, skel->maps.name.initial_value, 4096);

#define ONE(name, function) +1
#define FULL_PROGRAMS(P) EVM_PROGRAMS(P)
#define NO_COMPAT_PROGRAMS(P) EVM_COMMON_PROGRAMS(P) EVM_VHOST_VSOCK_PROGRAMS(P)
#define NO_VSOCK_PROGRAMS(P) EVM_COMMON_PROGRAMS(P) EVM_IOCTL_COMPAT_PROGRAMS(P)

#define AUDIT_MAPS \
	MAP(POLICY_EVENTS, events) MAP(POLICY_COUNTERS, counters) MAP(POLICY_RECENT, recent)
#define ALL_MAPS \
	MAP(POLICY_RULES, rules) MAP(POLICY_CIDS, cids) MAP(POLICY_LABELS, labels) MAP(POLICY_CLAIMS, claims) \
	AUDIT_MAPS \
	MAP(POLICY_HOLD, hold) \
	VARIABLES(POLICY_STATE, bss) VARIABLES(POLICY_CONFIG, rodata)
#define LOCKOUT_MAPS AUDIT_MAPS VARIABLES(POLICY_STATE, bss)

/* clang-format off */
/* The skeleton is freed without its descriptors, which pass to the object.  Maps that a variant has not are -1. */
#define VARIANT(variant, programs, variant_maps) \
	int variant##_load(char *log, size_t log_bytes, struct policy_object *ret) \
	{ \
		struct policy_object object = POLICY_OBJECT_EMPTY; \
		struct variant *skel = variant##__open(); \
		int r; \
\
		_Static_assert(sizeof(skel->progs) == (0 programs(ONE)) * sizeof(struct bpf_prog_desc), \
			       "every program is in the list"); \
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
		programs(HOOK) \
		variant_maps \
		skel_free(skel); \
		*ret = object; \
		return 0; \
	}
/* clang-format on */

VARIANT(policy_full, FULL_PROGRAMS, ALL_MAPS)
VARIANT(policy_no_compat, NO_COMPAT_PROGRAMS, ALL_MAPS)
VARIANT(policy_no_vsock, NO_VSOCK_PROGRAMS, ALL_MAPS)
VARIANT(policy_bare, EVM_COMMON_PROGRAMS, ALL_MAPS)

int iterators_load(struct policy_object *ret)
{
	struct policy_object object = *ret;
	struct iterators *skel = iterators__open();
	int r;

	_Static_assert(sizeof(skel->progs) == (0 EVM_ITERATORS(ONE)) * sizeof(struct bpf_prog_desc),
		       "every iterator has its row in early_vm/programs.h");
	if (!skel)
		return -ENOMEM;
	r = iterators__load(skel);
	if (r < 0) {
		iterators__destroy(skel);
		return r;
	}
	EVM_ITERATORS(ITERATOR)
	skel_free(skel);
	*ret = object;
	return 0;
}

/* clang-format off */
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
/* clang-format on */

ONE_PROGRAM(lockout, refuse_all)
ONE_PROGRAM(lockout_lsm, refuse_all_lsm)
ONE_PROGRAM(lockout_ioctl, refuse_ioctl)
ONE_PROGRAM(lockout_ioctl_lsm, refuse_ioctl)
ONE_PROGRAM(lockout_ioctl_32, refuse_ioctl)
ONE_PROGRAM(lockout_ioctl_32_lsm, refuse_ioctl)

#define LOCKOUT_COMMON_PROGRAMS(P) \
	P(refuse_all, security_file_open) P(refuse_all_lsm, bpf_lsm_file_open) \
	P(refuse_ioctl, security_file_ioctl) P(refuse_ioctl_lsm, bpf_lsm_file_ioctl)
#define LOCKOUT_PROGRAMS(P) \
	LOCKOUT_COMMON_PROGRAMS(P) \
	P(refuse_ioctl_32, security_file_ioctl_compat) P(refuse_ioctl_32_lsm, bpf_lsm_file_ioctl_compat)

VARIANT(lockout_audited, LOCKOUT_PROGRAMS, LOCKOUT_MAPS)
VARIANT(lockout_audited_no_compat, LOCKOUT_COMMON_PROGRAMS, LOCKOUT_MAPS)
