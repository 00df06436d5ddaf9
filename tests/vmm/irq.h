/* SPDX-License-Identifier: Apache-2.0 */
/* A device's interrupt line into KVM's interrupt controller. */
#ifndef VMM_IRQ_H
#define VMM_IRQ_H

#include <stdbool.h>
#include <stdint.h>

struct irq_line {
	int vm_fd;       /* not owned */
	uint32_t number; /* as KVM_IRQ_LINE of the architecture wants it */
	uint32_t gsi;    /* as KVM_IRQFD wants it */
};

/* Thread-safe.  A failure is logged: the guest then waits in vain, which its time-out shows. */
void irq_set(const struct irq_line *line, bool level);

/* An edge. */
void irq_pulse(const struct irq_line *line);

/* Every write to EVENT (an eventfd, of this or of another process) becomes an edge.  0 or a negative errno, logged. */
int irq_connect(const struct irq_line *line, int event);

#endif
