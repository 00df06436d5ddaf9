/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration of a VM as Android's clients send it (VirtualMachineRawConfig), as the manager's own request.
 */
#ifndef VIRTMGR_BINDER_CONFIG_H
#define VIRTMGR_BINDER_CONFIG_H

#include "rpcbinder/virtualization_aidl.h"
#include "virtmgr/refusal.h"

/*
 * Fills REQUEST (an empty EVM_CREATE_VM) from ARGUMENTS of createVm as RELEASE has them.  Descriptors are taken from READER; they are the
 * request's, also on failure.  0, or a negative errno with REFUSAL filled: a field that early VMs do not support is set, or a
 * value makes no sense.
 */
int binder_config_read(const struct aidl_value arguments[AIDL_MAX_ARGUMENTS], enum aidl_release release,
		       struct parcel_reader *reader, struct evm_message *request, struct refusal *refusal);

#endif
