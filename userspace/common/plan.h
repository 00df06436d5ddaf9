/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From XML to rules: which files the policy knows, as what, and which CID belongs to which client.  Pure: it looks at
 * no file and no kernel.
 */
#ifndef COMMON_PLAN_H
#define COMMON_PLAN_H

#include <stddef.h>
#include <stdint.h>

#include <early_vm/policy.h>

#include "common/early_vms.h"
#include "common/platform_policy.h"

/* An executable that gets a rule. */
struct plan_file {
	const char *path; /* belongs to the VMs or to the platform's policy */
	uint32_t client;  /* numbered from 1 in the order of the entries; 0 for other files */
	uint32_t kinds;   /* enum evm_kind */
	int fd;           /* a client's file, as it was checked; belongs to the VMs.  -1: not opened yet */
};

struct plan_cid {
	uint32_t cid;
	uint32_t client;
	const char *name;
};

struct plan {
	struct plan_file files[EVM_MAX_RULES];
	size_t file_count;
	struct plan_cid cids[EVM_MAX_CIDS];
	size_t cid_count;
	struct evm_range reserved[EVM_MAX_RANGES];
	enum unsafe_files unsafe_files; /* for those that are not opened yet */
};

/*
 * Fills RET.  A path that has several parts to play (a VMM that is a kvm user too) gets one file with several kinds; a
 * client with several VMs is one client.  The strings of VMS and POLICY must outlive RET.
 */
void plan_make(const struct early_vms *vms, const struct platform_policy *policy, struct plan *ret);

/* A client that has a number already, by which the kernel's labels and CIDs know it. */
struct plan_known {
	const char *path;
	uint32_t client;
};

/*
 * Gives the clients of PLAN the numbers that those of KNOWN with the same path have, and new numbers above LAST to the
 * others: a number that once was another client's could still be in the label of a running task.
 * Returns the highest number that was ever given.
 */
uint32_t plan_renumber(struct plan *plan, const struct plan_known *known, size_t count, uint32_t last);

#endif
