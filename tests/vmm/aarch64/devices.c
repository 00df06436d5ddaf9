// SPDX-License-Identifier: Apache-2.0
/* Where devices are on aarch64 (layout.h has the map). */
#include "vmm/aarch64/layout.h"
#include "vmm/arch.h"

static const struct {
	uint64_t base;
	uint32_t spi;
} serial_ports[] = {
	{ 0x3f8, SERIAL_FIRST_SPI },
	{ 0x2f8, SERIAL_SECOND_SPI },
	{ 0x3e8, SERIAL_FIRST_SPI },
	{ 0x2e8, SERIAL_SECOND_SPI },
};

static struct irq_line spi_line(int vm_fd, uint32_t spi)
{
	return (struct irq_line){
		.vm_fd = vm_fd,
		.number = KVM_ARM_IRQ_TYPE_SPI << KVM_ARM_IRQ_TYPE_SHIFT | (FIRST_SPI_INTID + spi),
		.gsi = spi,
	};
}

uint64_t arch_serial_base(unsigned num)
{
	return serial_ports[num - 1].base;
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

	(void)ports;
	bus_add(mmio, &device);
}

struct irq_line arch_serial_irq(int vm_fd, unsigned num)
{
	return spi_line(vm_fd, serial_ports[num - 1].spi);
}

uint64_t arch_virtio_base(unsigned slot)
{
	return VIRTIO_BASE + 0x200 * slot;
}

struct irq_line arch_virtio_irq(int vm_fd, unsigned slot)
{
	return spi_line(vm_fd, VIRTIO_FIRST_SPI + slot);
}

/* Power off and reset are PSCI's, which KVM answers and reports as system events. */
void arch_add_devices(struct bus *ports, struct bus *mmio, struct vm_end *end)
{
	(void)ports, (void)mmio, (void)end;
}

bool arch_handle_exit(const struct bus *ports, struct kvm_run *run, struct vm_end *end)
{
	(void)ports, (void)run, (void)end;
	return false;
}
