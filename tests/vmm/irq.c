// SPDX-License-Identifier: Apache-2.0
#include "vmm/irq.h"

#include <linux/kvm.h>

#include "vmm/file.h"

void irq_set(const struct irq_line *line, bool level)
{
	struct kvm_irq_level change = { .irq = line->number, .level = level };

	call_ioctl(line->vm_fd, KVM_IRQ_LINE, &change);
}

void irq_pulse(const struct irq_line *line)
{
	irq_set(line, true);
	irq_set(line, false);
}

int irq_connect(const struct irq_line *line, int event)
{
	struct kvm_irqfd irqfd = { .fd = (uint32_t)event, .gsi = line->gsi };

	return call_ioctl(line->vm_fd, KVM_IRQFD, &irqfd);
}
