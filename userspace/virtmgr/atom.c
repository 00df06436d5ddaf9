/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/atom.h"

#include "common/log.h"

void atom_skip(enum atom atom)
{
	static const char *const names[] = {
		[ATOM_VM_CREATION_REQUESTED] = "VmCreationRequested",
		[ATOM_VM_BOOTED] = "VmBooted",
		[ATOM_VM_EXITED] = "VmExited",
	};

	log_info("Writing %s atom for early VMs is not implemented; skipping", names[atom]);
}
