/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests to the manager of a service, from any thread.
 *
 * Whoever holds the connection may receive the manager's notices, which change what is known of the VMs at once.  The
 * reader thread receives them while there is no request.
 */
#ifndef LIBAVF_VIRTUALIZATION_SERVICE_H
#define LIBAVF_VIRTUALIZATION_SERVICE_H

#include "libavf/handles.h"

/* Serves CLIENT, which is taken over, also on failure.  0 or a negative errno. */
int service_open(const struct evm_client *client, AVirtualizationService **ret);

/*
 * request_begin locks the connection for a request with SERVICE->client.  0, or -EIO with a message: it is closed, and was
 * not locked.  request_end unlocks it; R is what the request returned.  It returns 0, or -EIO and keeps the message for
 * evm_error().
 *
 * vm_request_begin is the same for a request about VM; -EIO also when VM has ended, because its CID could be the next VM's
 * by now, or is being destroyed.  last_request_begin is for the thread that destroys VM, to stop it; -EIO also when VM was
 * never started.
 */
int request_begin(AVirtualizationService *service);
int request_end(AVirtualizationService *service, int r);
int vm_request_begin(AVirtualMachine *vm);
int last_request_begin(AVirtualMachine *vm);

#endif
