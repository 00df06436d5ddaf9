/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The client's connection when it is one of Android's: IVirtualizationService by RPC binder.  Calls become the requests of
 * early_vm/protocol.h, and what the service answers and tells becomes replies and callbacks, so that a call does the same by
 * either way.
 */
#ifndef VIRTMGR_BINDER_DOOR_H
#define VIRTMGR_BINDER_DOOR_H

#include "early_vm/protocol.h"
#include "rpcbinder/aidl.h"

struct service;
struct binder_door;

/*
 * Serves clients that ask for connections on BOOTSTRAP, the client's socket, which stays the caller's.  RELEASE: whose AIDL, until
 * a createVm tells it.  NULL: there is no memory.
 */
struct binder_door *binder_door_new(struct service *service, int bootstrap, enum aidl_release release);

/* A request for a connection is there.  0, or a negative errno: the client is gone (-ECONNRESET), or can't be heard. */
int binder_door_ready(struct binder_door *door);

/* Tells what the service has to tell: an answer, a VM's death, what a guest reports. */
void binder_door_tell(struct binder_door *door, const struct evm_message *message);

/* Ends all sessions; the VMs whose objects the client had are being stopped. */
void binder_door_close(struct binder_door *door);

/* Not while a call is being answered.  DOOR may be NULL. */
void binder_door_free(struct binder_door *door);

#endif
