/* SPDX-License-Identifier: Apache-2.0 */
/* The guest's vsock device, and the three ways of claiming its CID (enum claim). */
#ifndef VMM_VSOCK_H
#define VMM_VSOCK_H

#include <stdint.h>

#include "vmm/guest_memory.h"
#include "vmm/irq.h"
#include "vmm/options.h"
#include "vmm/outcome.h"
#include "vmm/vhost_vsock.h"
#include "vmm/virtio_mmio.h"

struct vsock {
	struct virtio_mmio transport; /* for the bus */
	uint64_t cid;                 /* also the guest's configuration space (little endian, as all hosts here are) */
	enum claim claim;
	int fd; /* /dev/vhost-vsock */
	struct vhost_vsock_events events;
	const struct guest_memory *memory;
	struct vm_end *end;
	/* CLAIM_FORK: */
	int channel; /* a socket to the child, otherwise -1 */
	int child;   /* its pidfd, otherwise -1: readable when it is gone */
};

/*
 * Opens the device OPTIONS name, wires its interrupt and its doorbells (at MMIO_BASE of the VM irq->vm_fd), and does
 * the steps that come before the guest runs: owner, and the claim when it is early.  MEMORY and END must outlive it.
 * With CLAIM_FORK the child is made here: call it before any thread is started.
 *
 * 0 or a negative errno after a message; RET is then unusable and what was opened ends with the process.
 */
int vsock_create(const struct vsock_options *options, enum claim claim, uint64_t mmio_base, const struct irq_line *irq,
		 const struct guest_memory *memory, struct vm_end *end, struct vsock *ret);

/* Ends the child, if there is one, and waits for it. */
void vsock_close(struct vsock *vsock);

#endif
