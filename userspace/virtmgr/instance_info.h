/* SPDX-License-Identifier: Apache-2.0 */
/* Publishes the state of a VM for processes other than the client (common/vm_info.h), and holds the VM. */
#ifndef VIRTMGR_INSTANCE_INFO_H
#define VIRTMGR_INSTANCE_INFO_H

#include "virtmgr/instance.h"

/* Publishes the current state of the VM.  A failure is logged and does not end the VM. */
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
