/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What tells whether the lists of early VMs have changed since they were read: the identity, protection, size and times of the
 * directories and files that early_vms_read reads, as plain bytes.  Nothing is logged.  Thread-safe.
 */
#ifndef COMMON_EARLY_VM_STATE_H
#define COMMON_EARLY_VM_STATE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/partition.h"

/* All zero: none. */
struct early_vm_state {
	char *bytes;
	size_t size;
};

/*
 * The state of the lists of PARTITIONS below ROOT; the caller frees RET with early_vm_state_free.  Returns 0 or a negative errno, and
 * RET is untouched then: -EAGAIN when something changed so lately that a further change might leave the same time stamps.
 */
int early_vm_state_read(const char *root, const struct partitions *partitions, struct early_vm_state *ret);

/* Whether early_vms_read would still find what it found after KNOWN was read for the same ROOT and PARTITIONS. */
bool early_vm_state_is(const struct early_vm_state *known, const char *root, const struct partitions *partitions);

void early_vm_state_free(struct early_vm_state *state);

#endif
