/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VirtualMachineAppConfig of rpc_client, as words say:
 *
 *	apk=FILE idsig=FILE instance=FILE store=FILE    (the last is optional)
 *	config=PATH or binary=NAME                      the payload
 *	extra-apk=FILE extra-idsig=FILE                 several times
 *	os=NAME debug=N memory=N cpus=N param=TEXT kernel=FILE
 *	vendor device gdb network huge                  what early VMs do not have
 *
 * A FILE is opened for reading and writing; one with a < before it for reading.
 */
#ifndef TESTS_VIRTMGR_RPC_APP_CONFIG_H
#define TESTS_VIRTMGR_RPC_APP_CONFIG_H

#include "rpcbinder/aidl.h"

/* Fills APP, a default one, by WORDS, and opens their files, which app_config_close closes. */
void app_config_fill(struct aidl_value *app, struct aidl_arena *arena, const char *words);
void app_config_close(void);

/* How many descriptors the last one has. */
int app_config_descriptors(void);

#endif
