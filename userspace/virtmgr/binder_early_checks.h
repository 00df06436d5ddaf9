/* SPDX-License-Identifier: Apache-2.0 */
/* What Android refuses to early VMs before it looks at anything else of the configuration. */
#ifndef VIRTMGR_BINDER_EARLY_CHECKS_H
#define VIRTMGR_BINDER_EARLY_CHECKS_H

#include "rpcbinder/virtualization_aidl.h"
#include "virtmgr/refusal.h"

/*
 * Refuses the vendor modules and the devices of an app configuration, in Android's words (check_config_allowed_for_early_vms).
 * CONFIG: a VirtualMachineConfig.  0, or a negative errno with REFUSAL filled.
 */
int binder_check_early_vm(const struct aidl_value *config, struct refusal *refusal);

#endif
