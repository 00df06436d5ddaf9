/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What others than the client may know of a VM (common/vm_info.h), and whether it is held.
 */
#ifndef VIRTMGR_INSTANCE_INFO_H
#define VIRTMGR_INSTANCE_INFO_H

#include "virtmgr/instance.h"

/* Tells what the VM is and does now.  That it can't be told is logged, and no reason to end a VM. */
void instance_publish(struct instance *instance);

/* Before the others. */
void instance_hold_init(struct instance *instance);

/*
 * Lets a VM that runs outlive its client, and takes that back; instance->on_unheld is called when it is another that takes it
 * back.  0 or a negative errno with REFUSAL filled.
 */
int instance_hold(struct instance *instance, struct refusal *refusal);
int instance_unhold(struct instance *instance, struct refusal *refusal);

#endif
