/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Internal to the instance: where the VMM can't apply overlays to the guest's device tree, it is run twice.  The first run writes the
 * tree of its machine and ends; then the manager applies the overlays, and the second run is the VM, with that tree.  Meanwhile the VM is
 * STARTING; a failure is its death, START_FAILED.
 */
#ifndef VIRTMGR_INSTANCE_DEVICE_TREE_H
#define VIRTMGR_INSTANCE_DEVICE_TREE_H

#include "virtmgr/instance.h"

/* Whether the tree is still to be made. */
bool instance_needs_device_tree(const struct instance *instance);

/*
 * Begins the first run.  GO_ON is called when the tree is there (config.device_tree), and starts the VM; not if the VM was stopped.
 * 0, or a negative errno with REFUSAL filled.
 */
int instance_make_device_tree(struct instance *instance,
			      int (*go_on)(struct instance *instance, struct refusal *refusal),
			      struct refusal *refusal);

#endif
