/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VIRTMGR_DESCRIPTOR_ACCESS_H
#define VIRTMGR_DESCRIPTOR_ACCESS_H

#include "virtmgr/vmm/vmm.h"

/*
 * Whether the client's descriptors are open for what they are for: images for reading, writable disks and memory files for both, outputs
 * for writing; and whether input for the console can be waited for, which a regular file can't (epoll(7): EPERM).  A VMM would
 * only fail on them later, some in the guest.
 *
 * /dev/null as console input can't be waited for either; it has nothing to read, and is closed here: CONFIG's console_in becomes -1.
 *
 * 0 or a negative errno with REFUSAL filled.
 */
int descriptor_access_check(struct vm_config *config, struct refusal *refusal);

#endif
