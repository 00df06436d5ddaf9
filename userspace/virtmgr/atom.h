/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Android's statistics of VMs (its "atoms").  The service that collects them does not run yet when early VMs do, so that Android's
 * early manager logs a line in place of each, and so does this one.
 */
#ifndef VIRTMGR_ATOM_H
#define VIRTMGR_ATOM_H

enum atom {
	ATOM_VM_CREATION_REQUESTED, /* also of a creation that fails */
	ATOM_VM_BOOTED,             /* the payload has started */
	ATOM_VM_EXITED,
};

void atom_skip(enum atom atom);

#endif
