// SPDX-License-Identifier: Apache-2.0
/* Where devices are on x86_64, and the ports by which a guest ends itself (layout.h has the map). */
#include <stdlib.h>
#include <string.h>

#include "vmm/arch.h"
#include "vmm/x86_64/layout.h"
#include "vmm/x86_64/pci.h"

static const struct {
	uint16_t port;
	uint8_t irq;
} serial_ports[] = { { PORT_SERIAL_1, 4 }, { PORT_SERIAL_2, 3 }, { 0x3e8, 4 }, { 0x2e8, 3 } };

uint64_t arch_serial_base(unsigned num)
{
	return serial_ports[num - 1].port;
}

void arch_add_serial(struct bus *ports, struct bus *mmio, unsigned num, struct serial *serial)
{
	const struct bus_device device = {
		.base = arch_serial_base(num),
		.size = SERIAL_REGISTERS,
		.read = serial_read,
		.write = serial_write,
		.device = serial,
	};

	(void)mmio;
	bus_add(ports, &device);
}

struct irq_line arch_serial_irq(int vm_fd, unsigned num)
{
	uint32_t irq = serial_ports[num - 1].irq;

	return (struct irq_line){ .vm_fd = vm_fd, .number = irq, .gsi = irq };
}

uint64_t arch_virtio_base(unsigned slot)
{
	return VIRTIO_BASE + 0x200 * slot;
}

struct irq_line arch_virtio_irq(int vm_fd, unsigned slot)
{
	return (struct irq_line){ .vm_fd = vm_fd, .number = VIRTIO_FIRST_IRQ + slot, .gsi = VIRTIO_FIRST_IRQ + slot };
}

/* A word with bit 13, as QEMU's register at this port needs it, has this bit in its upper byte. */
static void write_sleep(void *end, uint64_t offset, const void *data, size_t size)
{
	const uint8_t *bytes = data;

	(void)offset;
	for (size_t i = 0; i < size; i++) {
		if (bytes[i] & SLEEP_ENABLE)
			vm_end_report(end, OUTCOME_STOP);
	}
}

static void write_keyboard(void *end, uint64_t offset, const void *data, size_t size)
{
	(void)offset, (void)size;
	if (*(const uint8_t *)data == KEYBOARD_RESET)
		vm_end_report(end, OUTCOME_RESET);
}

static void write_reset(void *end, uint64_t offset, const void *data, size_t size)
{
	(void)offset, (void)size;
	if (*(const uint8_t *)data & 4)
		vm_end_report(end, OUTCOME_RESET);
}

/* Reading zero at the sleep port: Linux waits for no wake-up that isn't one. */
static void read_sleep(void *end, uint64_t offset, void *data, size_t size)
{
	(void)end, (void)offset;
	memset(data, 0, size);
}

void arch_add_devices(struct bus *ports, struct bus *mmio, struct vm_end *end)
{
	const struct bus_device devices[] = {
		{ .base = PORT_SLEEP_CONTROL, .size = 2, .read = read_sleep, .write = write_sleep },
		{ .base = PORT_KEYBOARD_COMMAND, .size = 1, .write = write_keyboard },
		{ .base = PORT_RESET, .size = 1, .write = write_reset },
	};

	for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++) {
		struct bus_device device = devices[i];

		device.device = end;
		bus_add(ports, &device);
	}
	pci_add(ports, mmio, end); /* after the reset port, which lies inside of PCI's address register */
}

/* One exit may stand for several accesses (rep outsb). */
static void handle_io(const struct bus *ports, struct kvm_run *run)
{
	unsigned char *data = (unsigned char *)run + run->io.data_offset;

	for (uint32_t i = 0; i < run->io.count; i++, data += run->io.size) {
		if (run->io.direction == KVM_EXIT_IO_OUT)
			bus_write(ports, run->io.port, data, run->io.size);
		else
			bus_read(ports, run->io.port, data, run->io.size);
	}
}

bool arch_handle_exit(const struct bus *ports, struct kvm_run *run, struct vm_end *end)
{
	switch (run->exit_reason) {
	case KVM_EXIT_IO:
		handle_io(ports, run);
		return true;
	case KVM_EXIT_SHUTDOWN: /* a triple fault; crosvm calls it a stop */
		vm_end_report(end, OUTCOME_STOP);
		return true;
	default:
		return false;
	}
}
