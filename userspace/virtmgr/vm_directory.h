/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A VM's directory /mnt/vm/early/<cid>, and the lock /mnt/vm/early/<cid>.lock that makes it the only VM with this CID.
 *
 * The lock belongs to an open file (flock), and the VMM inherits that file: so it is held until both the manager and
 * the VMM have ended, however either of them dies.  Only who holds the lock touches the directory.  No symbolic link is
 * followed anywhere below the base, and nothing above /mnt/vm/early is removed.
 */
#ifndef VIRTMGR_VM_DIRECTORY_H
#define VIRTMGR_VM_DIRECTORY_H

#include <stdint.h>

#include "common/vm_info.h"
#include "virtmgr/refusal.h"

struct vm_directory {
	uint32_t cid;
	int base; /* VM_BASE */
	int lock; /* the locked file: to be inherited by the VMM */
	int fd;   /* the directory itself */
};

#define VM_DIRECTORY_NONE ((struct vm_directory){ .base = -1, .lock = -1, .fd = -1 })

/*
 * Locks CID and makes its directory anew, mode 0700, below ROOT ("" for the running system); what another manager left
 * there is removed.  Returns 0, or a negative errno with REFUSAL filled (EVM_STATUS_VM_RUNNING: the CID is locked; then
 * nothing was changed).  RET is released by vm_directory_release; it is untouched on failure.
 */
int vm_directory_create(const char *root, uint32_t cid, struct vm_directory *ret, struct refusal *refusal);

/* Removes the directory with all in it and gives up the lock.  Harmless on VM_DIRECTORY_NONE, and on a second call. */
void vm_directory_release(struct vm_directory *directory);

#endif
