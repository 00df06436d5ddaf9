/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is pinned below EVM_PIN_DIR, read without changing anything.  Works on a sealed policy: maps are opened read
 * only.
 *
 * Every function returns 0 or a descriptor, or a negative errno after one message that says what is missing: -ENOENT
 * where no policy is loaded.  RET is untouched then, if not said otherwise.  Descriptors belong to the caller.
 */
#ifndef CTL_POLICY_KERNEL_H
#define CTL_POLICY_KERNEL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <early_vm/policy.h>

#include "common/policy_maps.h"
#include "ctl/policy_table.h"

/* Opens a map; to be written only where it must be (the ring buffer's reader notes how far it is). */
int policy_kernel_open(enum policy_map map, bool writable);

/* Rules, CIDs and reserved ranges.  On failure the contents of RET are undefined. */
int policy_kernel_table(struct policy_table *ret);

/* How often each reason was given since the policy was loaded, as policy_counter.h says. */
int policy_kernel_counters(struct evm_counter ret[EVM_REASON_COUNT]);

/* The programs' variables: what is sealed, among others. */
int policy_kernel_state(struct evm_state *ret);

/* The newest refusals, oldest first. */
struct refusals {
	struct evm_event events[EVM_RECENT];
	size_t count;
};
int policy_kernel_refusals(struct refusals *ret);

/* A thread that carries a label. */
struct labelled_task {
	uint32_t pid, tid;
	struct evm_label label;
	char comm[EVM_COMM_BYTES];
};

/* Calls EACH for every labelled thread; it must not keep TASK. */
int policy_kernel_tasks(void (*each)(void *data, const struct labelled_task *task), void *data);

/* Reads one line of the iterator "tasks".  False: it is none (a process may have a line break in its name). */
bool labelled_task_parse(const char *line, struct labelled_task *ret);

#endif
