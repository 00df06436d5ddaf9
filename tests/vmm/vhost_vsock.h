/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's half of a vsock device: /dev/vhost-vsock (linux/vhost.h).  Each function is one step, so that the
 * caller decides when, and in which process, a step happens.
 */
#ifndef VMM_VHOST_VSOCK_H
#define VMM_VHOST_VSOCK_H

#include <stdint.h>

#include "vmm/guest_memory.h"
#include "vmm/virtio_mmio.h"

enum { VHOST_VSOCK_QUEUES = 2 }; /* receive and transmit; the third one, events, the kernel doesn't serve */

/* What the driver agreed on: plain data, so that it can be sent to another process. */
struct vhost_vsock_setup {
	uint64_t features;
	struct virtio_queue queues[VHOST_VSOCK_QUEUES];
};

/* Eventfds: the guest's notifications, and its interrupt. */
struct vhost_vsock_events {
	int kick[VHOST_VSOCK_QUEUES];
	int call;
};

/*
 * All return 0 or a negative errno after "ioctl NAME: ...".  FD is an open /dev/vhost-vsock.
 * vhost_vsock_own binds FD to the memory of the calling process: the steps below belong into the same process.
 */
int vhost_vsock_own(int fd);
int vhost_vsock_features(int fd, uint64_t *ret);
int vhost_vsock_claim(int fd, uint64_t cid);
int vhost_vsock_set_up(int fd, const struct vhost_vsock_setup *setup, const struct guest_memory *memory,
		       const struct vhost_vsock_events *events);
int vhost_vsock_run(int fd, int running);

#endif
