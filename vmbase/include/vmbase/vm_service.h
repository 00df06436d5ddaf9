/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Android's IVirtualMachineService, the guest's side: reports the state of the payload to a host that speaks RPC binder.
 * What vmbase/manager.h does by this project's own protocol, and works with Android's virtmgr as well.
 */
#ifndef VMBASE_VM_SERVICE_H
#define VMBASE_VM_SERVICE_H

#include <stdint.h>

#include "vmbase/vsock.h"

struct vm_service {
	struct vsock *vsock;
	struct vsock_connection *connection;
	uint8_t root[8]; /* the service's address in this session */
};

enum { VM_SERVICE_TEXT_MAX = 255 }; /* bytes of an error's text */

/*
 * Connects to the host, at port = CID, and sets a session up.  VSOCK must stay.  Errors of vsock_connect, vsock_send and
 * vsock_receive_all; -EPROTO: what answers does not speak RPC binder, or not in a version from 1 to 2.
 */
int vm_service_connect(struct vm_service *service, struct vsock *vsock);

/* Each returns when the host has taken the call.  -EPROTO: it refused, or its answer is none; and errors as above. */
int vm_service_started(struct vm_service *service);
int vm_service_ready(struct vm_service *service);
int vm_service_finished(struct vm_service *service, int32_t exit_code);

/* TEXT is ASCII, and cut to VM_SERVICE_TEXT_MAX. */
int vm_service_error(struct vm_service *service, int32_t code, const char *text);

void vm_service_disconnect(struct vm_service *service);

#endif
