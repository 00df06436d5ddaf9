/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the policy that is attached in the kernel (ctl/loaded_policy.h): not what is pinned, which root can put something else over.
 * Works on a sealed policy: maps are opened read-only.
 *
 * Every function returns 0 or a descriptor, or a negative errno after one message: -ENOENT if no policy is loaded, -EUCLEAN if
 * more than one is found where there can be one.  RET is untouched on failure unless stated otherwise.  Descriptors belong to the
 * caller.  Not thread-safe.
 */
#ifndef CTL_POLICY_KERNEL_H
#define CTL_POLICY_KERNEL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <early_vm/policy.h>

#include "common/policy_maps.h"
#include "ctl/loaded_policy.h"
#include "ctl/policy_table.h"

/*
 * What is loaded, read once per process; RET belongs to this module.  A message says what was tampered with; in every other state
 * the caller says what it means.
 */
int policy_kernel_loaded(const struct loaded_policy **ret, enum loaded_state *ret_state);

/* Was tampering found by what was read so far? */
bool policy_kernel_tampered(void);

/*
 * Each record of refusals that there is: the policy's, and that of the programs that close KVM when the policy could not be loaded.
 * Both are there when what they closed was sealed, by a policy without rules.
 */
enum audit_source {
	AUDIT_POLICY,
	AUDIT_LOCKOUT,
	AUDIT_SOURCES,
};

/* Is there such a record?  False too where nothing is loaded or can't be looked at. */
bool policy_kernel_has_audit(enum audit_source source);

/* Opens the ring buffer of an audit that there is, for its reader, which writes the consumer position. */
int policy_kernel_open_events(enum audit_source source);

/* Rules, CIDs and reserved ranges.  On failure the contents of RET are undefined. */
int policy_kernel_table(struct policy_table *ret);

/* The number of refusals for each reason since the policy was loaded (common/policy_maps.h), of all audits. */
int policy_kernel_counters(struct evm_counter ret[EVM_REASON_COUNT]);

/* The variables of the BPF programs, such as the state of the seal. */
int policy_kernel_state(struct evm_state *ret);

/* The newest refusals of all audits, oldest first. */
struct refusals {
	struct evm_event events[AUDIT_SOURCES * EVM_RECENT];
	size_t count;
};
int policy_kernel_refusals(struct refusals *ret);

/* A labelled thread. */
struct labelled_task {
	uint32_t pid, tid;
	struct evm_label label;
	char comm[EVM_COMM_BYTES];
};

/* Calls EACH for every labelled thread; TASK is valid during the call only. */
int policy_kernel_tasks(void (*each)(void *data, const struct labelled_task *task), void *data);

/* Parses one line of the iterator "tasks".  False: not such a line (a process may have a line break in its name). */
bool labelled_task_parse(const char *line, struct labelled_task *ret);

#endif
