/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What tells whether the lists of early VMs have changed since they were read: the identity, protection, size and times of the
 * directories and files that early_vms_read reads, as plain bytes.
 */
#ifndef COMMON_EARLY_VM_STATE_H
#define COMMON_EARLY_VM_STATE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/partition.h"

/*
 * The state of the lists of PARTITIONS below ROOT.  Equal bytes mean that early_vms_read would find the same, unless RET_FRESH:
 * something changed so lately that a further change might leave the same time stamps.  The caller frees RET.
 * Returns 0 or a negative errno; the outputs are untouched then.  Nothing is logged.  Thread-safe.
 */
int early_vm_state_read(const char *root, const struct partitions *partitions, char **ret, size_t *ret_size, bool *ret_fresh);

#endif
