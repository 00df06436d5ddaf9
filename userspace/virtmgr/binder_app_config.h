/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VIRTMGR_BINDER_APP_CONFIG_H
#define VIRTMGR_BINDER_APP_CONFIG_H

#include "virtmgr/binder_config_walk.h"

/*
 * Fills the request from VirtualMachineAppConfig, whose fields WALK has, after binder_check_early_vm().  0, or a negative errno with the walk's refusal filled; descriptors are the request's in both cases.
 */
int binder_app_config_read(const struct walk *walk);

#endif
