/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A VM's directory VM_BASE/<cid>, and the file `lock' in it that makes it the only VM with this CID.
 *
 * Clients run as different users, and none of them may get at another's VM: so VM_BASE is writable for its owner alone, and
 * each directory in it belongs to the user of its VM, mode 0700.  A manager whose user may write to VM_BASE (root) makes
 * the directory itself; for others it is made at boot, like all directories of services.  It is not removed: a lock file that can be
 * removed and made anew locks nothing.
 *
 * Two locks on that file.  One belongs to a descriptor that the VMM inherits (flock): it is held until both the manager and
 * the VMM have ended, however either of them dies, and only its holder touches the directory.  The other belongs to a
 * descriptor of the manager's alone (F_OFD_SETLK, byte VM_LOCK_MANAGER): where only the first is held, the manager has died and
 * its VMM is about to.  No symbolic link is followed anywhere below the base.
 */
#ifndef VIRTMGR_VM_DIRECTORY_H
#define VIRTMGR_VM_DIRECTORY_H

#include <stdint.h>

#include "common/vm_info.h"
#include "virtmgr/refusal.h"

enum { VM_END_SECONDS = 5 }; /* how long the VMM of a manager that has died is waited for */

struct vm_directory {
	uint32_t cid;
	int lock;    /* the locked file: to be inherited by the VMM */
	int manager; /* the same file, opened anew: not to be inherited */
	int fd;      /* the directory itself */
};

#define VM_DIRECTORY_NONE ((struct vm_directory){ .lock = -1, .manager = -1, .fd = -1 })

/*
 * Locks CID and empties its directory, which is made where that is possible, below ROOT ("" for the running system); what
 * another manager left there is removed.  Waits up to VM_END_SECONDS for a VMM whose manager has died.
 *
 * Returns 0, or a negative errno with REFUSAL filled (EVM_STATUS_VM_RUNNING: the CID is locked; then nothing was changed).
 * RET is released by vm_directory_release; it is untouched on failure.
 */
int vm_directory_create(const char *root, uint32_t cid, struct vm_directory *ret, struct refusal *refusal);

/* Empties the directory and gives up the lock.  Harmless on VM_DIRECTORY_NONE, and on a second call. */
void vm_directory_release(struct vm_directory *directory);

#endif
