/* SPDX-License-Identifier: Apache-2.0 */
/* The vhost-vsock ioctls on the current descriptor, for the steps and for the races. */
#ifndef ENFORCEMENT_VHOST_H
#define ENFORCEMENT_VHOST_H

#include <stdint.h>

/* Makes a device that can run: owner, memory, two empty virtqueues.  0 or a negative errno. */
int vhost_prepare(void);

/* VHOST_VSOCK_SET_GUEST_CID with CID as the kernel's pointer; 0 or a negative errno. */
int vhost_set_cid(const volatile uint64_t *cid);

/* VHOST_VSOCK_SET_RUNNING. */
int vhost_set_running(int running);

#endif
