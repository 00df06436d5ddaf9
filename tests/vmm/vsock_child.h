/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The vsock device's own process, as crosvm's sandbox makes it: a child in user, PID, mount, network and IPC namespaces
 * of its own, that owns the vhost descriptor and claims the CID.
 */
#ifndef VMM_VSOCK_CHILD_H
#define VMM_VSOCK_CHILD_H

#include "vmm/vsock.h"

/* A request, one packet; the answer is an int. */
struct vsock_request {
	enum { VSOCK_OWN, VSOCK_START, VSOCK_STOP } kind;
	struct vhost_vsock_setup setup; /* for VSOCK_START */
};

/* Does what REQUEST asks for, in the calling process.  0 or a negative errno after a message. */
int vsock_serve(const struct vsock *vsock, const struct vsock_request *request);

/*
 * Forks the child.  It inherits VSOCK, closes every descriptor that the device doesn't need, and ends with the channel
 * or with this process.  0 or a negative errno after a message; the caller closes both descriptors.
 */
int vsock_child_start(const struct vsock *vsock, int *ret_channel, int *ret_pidfd);

/* Asks the child and waits for its answer: 0, its negative errno (it logged the message), or -EPIPE when it is gone. */
int vsock_child_ask(int channel, const struct vsock_request *request);

/* Waits for the end of the child. */
void vsock_child_wait(int pidfd);

#endif
