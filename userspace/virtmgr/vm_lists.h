/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lists of VMs, /<partition>/etc/avf/early_vms*.xml, as the manager read them last.
 *
 * They are parsed again when anything changed that they were read from: each directory and link on the way to the lists
 * (identity, owner, mode, and whether mounted read-only if it is not safe by itself), the directory of the lists and each list (also size and times).  A
 * change that is younger than what time stamps can tell apart makes the next look-up parse again too.  What is not seen is
 * a later change through a shared mapping that was made before.  Executables are looked at for each look-up anew.
 *
 * Clients are checked by the kernel's policy whatever is in here: this saves time, and grants nothing.
 */
#ifndef VIRTMGR_VM_LISTS_H
#define VIRTMGR_VM_LISTS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/early_vm_state.h"
#include "common/early_vms.h"

/* All zero: nothing was read yet. */
struct vm_lists {
	struct early_vms listed; /* not checked */
	/* of the files that it was read from; none: they are parsed again for the next look-up */
	struct early_vm_state state;
	uint64_t parsed; /* how often, for tests */
};

/*
 * The accepted entries that are called NAME, as early_vms_check finds them in the lists below ROOT as they are now; the caller
 * frees RET with early_vms_free.  ROOT and PARTITIONS must be the same in each call.
 * Returns 0, or a negative errno after a message (-ENOMEM without one).
 */
int vm_lists_find(struct vm_lists *lists, const char *root, const struct partitions *partitions, const char *name,
		  struct early_vms *ret);

void vm_lists_free(struct vm_lists *lists);

#endif
