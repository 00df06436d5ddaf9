/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest's side of early_vm/guest_protocol.h: reports the state of the payload to the manager.
 */
#ifndef VMBASE_MANAGER_H
#define VMBASE_MANAGER_H

#include <stdint.h>

#include "early_vm/guest_protocol.h"
#include "vmbase/vsock.h"

struct manager {
	struct vsock *vsock;
	struct vsock_connection *connection;
};

/* Connects to the manager, at port = CID of the host.  VSOCK must stay.  Errors of vsock_connect. */
int manager_connect(struct manager *manager, struct vsock *vsock);

/*
 * Each returns when the manager has taken the message.  -EPROTO: it refused, or its answer is not one; and the errors
 * of vsock_send and vsock_receive_all.
 */
int manager_started(struct manager *manager);
int manager_ready(struct manager *manager);
int manager_finished(struct manager *manager, int32_t exit_code);

/* TEXT is cut to EVM_GUEST_TEXT_MAX bytes. */
int manager_error(struct manager *manager, int32_t code, const char *text);

/* A line for the host's log, cut likewise. */
int manager_log(struct manager *manager, const char *line);

void manager_disconnect(struct manager *manager);

#endif
