/* SPDX-License-Identifier: Apache-2.0 */
/* A device's interrupt line into KVM's interrupt controller. */
#ifndef VMM_IRQ_H
#define VMM_IRQ_H

#include <stdbool.h>
#include <stdint.h>

struct irq_line {
	int vm_fd;       /* not owned */
	uint32_t number; /* in the format of KVM_IRQ_LINE */
	uint32_t gsi;    /* in the format of KVM_IRQFD */
};

/* Thread-safe.  A failure is logged: the guest then waits until its time-out. */
void irq_set(const struct irq_line *line, bool level);

/* An edge. */
void irq_pulse(const struct irq_line *line);

/* Every write to EVENT (an eventfd, of this or of another process) becomes an edge.  0 or a negative errno, logged. */
int irq_connect(const struct irq_line *line, int event);

#endif
