// SPDX-License-Identifier: Apache-2.0
/* Which devices a machine has, and where. */
#include <fcntl.h>

#include "common/cleanup.h"
#include "vmm/file.h"
#include "vmm/machine.h"

_Static_assert(1 + SERIAL_PORTS + OPTION_MAX_DISKS <= ARCH_VIRTIO_SLOTS, "every device has a slot");

/* Opens both sides of a serial device: -1 where there is none. */
static int open_serial_files(const struct serial_options *options, int *ret_output, int *ret_input)
{
	_cleanup_close_ int output = -1;
	int input = -1;

	if (options->type == SERIAL_FILE)
		output = open_file(options->path, O_WRONLY | O_CREAT | O_APPEND);
	else if (options->type == SERIAL_STDOUT)
		output = open_file("/proc/self/fd/1", O_WRONLY);
	if (output < 0 && options->type != SERIAL_SINK)
		return output;
	if (*options->input || options->use_stdin) {
		input = open_file(*options->input ? options->input : "/proc/self/fd/0", O_RDONLY);
		if (input < 0)
			return input;
	}
	*ret_output = steal_fd(&output);
	*ret_input = input;
	return 0;
}

static const struct serial_options *find_serial(const struct vmm_options *options, enum serial_hardware hardware,
						unsigned num)
{
	for (size_t i = 0; i < options->serial_count; i++) {
		if (options->serials[i].hardware == (int)hardware && options->serials[i].num == num)
			return &options->serials[i];
	}
	return NULL;
}

/* All four ports are there, as in crosvm: one without an option is a sink. */
static int add_serials(struct machine *machine)
{
	struct vcpu_machine *shared = &machine->shared;

	for (unsigned num = 1; num <= SERIAL_PORTS; num++) {
		const struct serial_options *options = find_serial(machine->options, HARDWARE_SERIAL, num);
		struct serial *serial = &machine->serials[num - 1];
		struct irq_line irq = arch_serial_irq(shared->vm_fd, num);
		int output = -1, input = -1, ret = options ? open_serial_files(options, &output, &input) : 0;

		if (ret)
			return ret;
		serial_init(serial, output, input, &irq, &shared->lock);
		arch_add_serial(&shared->ports, &shared->mmio, num, serial);
	}
	return 0;
}

static struct irq_line next_virtio_irq(const struct machine *machine)
{
	return arch_virtio_irq(machine->shared.vm_fd, machine->boot.virtio_devices);
}

static void add_virtio(struct machine *machine, struct virtio_mmio *transport)
{
	const struct bus_device device = {
		.base = arch_virtio_base(machine->boot.virtio_devices++),
		.size = VIRTIO_MMIO_BYTES,
		.read = virtio_mmio_read,
		.write = virtio_mmio_write,
		.device = transport,
	};

	bus_add(&machine->shared.mmio, &device);
}

static int add_vsock(struct machine *machine)
{
	const struct vmm_options *options = machine->options;
	struct irq_line irq = next_virtio_irq(machine);
	int ret;

	if (!options->has_vsock)
		return 0;
	ret = vsock_create(&options->vsock, (enum claim)options->claim, arch_virtio_base(machine->boot.virtio_devices),
			   &irq, &machine->memory, &machine->shared.end, &machine->vsock);
	if (!ret)
		add_virtio(machine, &machine->vsock.transport);
	return ret;
}

static int add_consoles(struct machine *machine)
{
	for (unsigned num = 1; num <= SERIAL_PORTS; num++) {
		const struct serial_options *options = find_serial(machine->options, HARDWARE_VIRTIO_CONSOLE, num);
		struct virtio_console *console = &machine->consoles[machine->console_count];
		struct irq_line irq = next_virtio_irq(machine);
		int output, input, ret;

		if (!options)
			continue;
		ret = open_serial_files(options, &output, &input);
		if (ret)
			return ret;
		virtio_console_init(console, output, input, &irq, &machine->memory, &machine->shared.lock);
		add_virtio(machine, &console->transport);
		machine->console_count++;
	}
	return 0;
}

static int add_disks(struct machine *machine)
{
	for (size_t i = 0; i < machine->options->disk_count; i++) {
		struct irq_line irq = next_virtio_irq(machine);
		int ret = virtio_blk_init(&machine->disks[i], &machine->options->disks[i], &irq, &machine->memory);

		if (ret)
			return ret;
		add_virtio(machine, &machine->disks[i].transport);
	}
	return 0;
}

int machine_add_devices(struct machine *machine)
{
	struct vcpu_machine *shared = &machine->shared;
	int ret = add_vsock(machine);

	if (!ret)
		ret = add_serials(machine);
	if (!ret)
		ret = add_consoles(machine);
	if (!ret)
		ret = add_disks(machine);
	arch_add_devices(&shared->ports, &shared->mmio, &shared->end);
	return ret;
}

int machine_start_devices(struct machine *machine)
{
	int ret = 0;

	for (unsigned i = 0; !ret && i < SERIAL_PORTS; i++)
		ret = serial_start(&machine->serials[i]);
	for (unsigned i = 0; !ret && i < machine->console_count; i++)
		ret = virtio_console_start(&machine->consoles[i]);
	return ret;
}
