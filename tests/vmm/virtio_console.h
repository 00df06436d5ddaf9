/* SPDX-License-Identifier: Apache-2.0 */
/* A console (virtio 1.2, 5.3): one port, what Linux calls hvc. */
#ifndef VMM_VIRTIO_CONSOLE_H
#define VMM_VIRTIO_CONSOLE_H

#include <pthread.h>

#include "vmm/irq.h"
#include "vmm/virtqueue.h"

enum { CONSOLE_QUEUES = 2 };

struct virtio_console {
	struct virtio_mmio transport; /* for the bus */
	struct virtqueue queues[CONSOLE_QUEUES];
	int output, input; /* descriptors, -1: none; owned */
	bool active;
	struct irq_line irq;
	const struct guest_memory *memory;
	pthread_mutex_t *lock; /* the devices' lock, which the bus's caller holds */
	pthread_cond_t changed;
};

/* Takes both descriptors.  MEMORY and LOCK must outlive CONSOLE. */
void virtio_console_init(struct virtio_console *console, int output, int input, const struct irq_line *irq,
			 const struct guest_memory *memory, pthread_mutex_t *lock);

/* Starts the thread that carries input to the guest, where there is any.  0 or a negative errno, logged. */
int virtio_console_start(struct virtio_console *console);

#endif
