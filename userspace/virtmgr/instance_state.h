/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Internal to the instance, and below its other files (an arrow is "uses"):
 *
 *	instance.c (create, start, stop) -> instance_device_tree.c (what comes before the start)
 *	both -> instance_events.c (the VMM's events), instance_guest.c (the guest's reports)
 *	all of them -> instance_info.c (what others may know) -> instance_state.c
 */
#ifndef VIRTMGR_INSTANCE_STATE_H
#define VIRTMGR_INSTANCE_STATE_H

#include "virtmgr/instance.h"

/* Releases everything that a VM has while it lives, but the instance itself. */
void instance_release(struct instance *instance);

/*
 * Runs the VMM with COMMAND as instance->process.  The process inherits the VM's lock, so that the CID stays locked until it has ended,
 * however the manager does.  0 or a negative errno.
 */
int instance_spawn(struct instance *instance, struct vmm_command *command);

/* Logs that the VM was STEP: "created", "started". */
void instance_log_step(const struct instance *instance, const char *step);

#endif
