/* SPDX-License-Identifier: Apache-2.0 */
/* Makes the configuration of a VM from a request. */
#ifndef VIRTMGR_VM_CONFIG_H
#define VIRTMGR_VM_CONFIG_H

#include "common/early_vms.h"
#include "virtmgr/vmm/vmm.h"

/* An empty configuration: all numbers 0, strings NULL, descriptors -1. */
void vm_config_init(struct vm_config *ret);

/*
 * Fills CONFIG, an empty one, from REQUEST (EVM_CREATE_VM) for the VM of ENTRY.  The request's descriptors pass to CONFIG,
 * also on failure; name and parameters, which the caller keeps, are left alone.  0, or a negative errno with REFUSAL filled.
 */
int vm_config_take(struct vm_config *config, struct evm_message *request, const struct early_vm *entry,
		   struct refusal *refusal);

/* Closes the descriptors, but for the ends of the failure pipe and the control channel, which have another owner. */
void vm_config_close(struct vm_config *config);

#endif
