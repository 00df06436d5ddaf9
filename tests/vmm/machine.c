// SPDX-License-Identifier: Apache-2.0
#include "vmm/machine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "vmm/file.h"

static int open_boot_files(struct boot_source *boot, const struct vmm_options *options)
{
	const struct {
		const char *path;
		struct mapped_file *file;
	} files[] = { { options->kernel, &boot->kernel }, { options->bios, &boot->bios }, { options->initrd, &boot->initrd } };

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		int ret = *files[i].path ? file_map(files[i].path, files[i].file) : 0;

		if (ret)
			return ret;
	}
	return 0;
}

/* The arguments that crosvm adds come first, so that the user's win. */
static int set_command_line(struct boot_source *boot, const struct vmm_options *options)
{
	char console[32] = "";
	int n;

	for (size_t i = 0; i < options->serial_count; i++) {
		const struct serial_options *serial = &options->serials[i];

		if (serial->console)
			snprintf(console, sizeof(console), " console=%s%llu", serial->hardware == HARDWARE_SERIAL ? "ttyS" : "hvc",
				 (unsigned long long)serial->num - 1);
	}
	n = snprintf(boot->command_line, sizeof(boot->command_line), "panic=-1%s%s%s", console, *options->params ? " " : "",
		     options->params);
	if (n < (int)sizeof(boot->command_line))
		return 0;
	log_error("--params: the kernel's command line is longer than %zu characters", sizeof(boot->command_line) - 1);
	return -E2BIG;
}

static int open_kvm(int *ret)
{
	_cleanup_close_ int fd = open_file("/dev/kvm", O_RDWR);
	int version;

	if (fd < 0)
		return fd;
	version = call_ioctl(fd, KVM_GET_API_VERSION, 0);
	if (version < 0)
		return version;
	if (version != KVM_API_VERSION) {
		log_error("/dev/kvm speaks version %d, not %d", version, KVM_API_VERSION);
		return -EPROTO;
	}
	*ret = steal_fd(&fd);
	return 0;
}

static int create_vm(struct machine *machine)
{
	struct vcpu_machine *shared = &machine->shared;
	int ret = open_kvm(&shared->kvm_fd);

	if (!ret)
		ret = arch_add_memory(&machine->memory, machine->options->memory_mib);
	if (ret)
		return ret;
	shared->vm_fd = call_ioctl(shared->kvm_fd, KVM_CREATE_VM, 0);
	return shared->vm_fd < 0 ? shared->vm_fd : arch_create_irqchip(shared->vm_fd);
}

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

/* All four ports are there, as in crosvm: one that nobody asked for is a sink. */
static int add_serials(struct machine *machine)
{
	const struct vmm_options *options = machine->options;
	struct vcpu_machine *shared = &machine->shared;
	int output[SERIAL_PORTS] = { -1, -1, -1, -1 }, input[SERIAL_PORTS] = { -1, -1, -1, -1 };

	for (size_t i = 0; i < options->serial_count; i++) {
		const struct serial_options *serial = &options->serials[i];
		int ret = 0;

		if (serial->hardware == HARDWARE_SERIAL)
			ret = open_serial_files(serial, &output[serial->num - 1], &input[serial->num - 1]);
		if (ret)
			return ret;
	}
	for (unsigned i = 0; i < SERIAL_PORTS; i++) {
		struct irq_line irq = arch_serial_irq(shared->vm_fd, i + 1);

		serial_init(&machine->serials[i], output[i], input[i], &irq, &shared->lock);
		arch_add_serial(&shared->ports, &shared->mmio, i + 1, &machine->serials[i]);
	}
	return 0;
}

static void add_virtio(struct machine *machine, struct virtio_mmio *transport)
{
	bus_add(&machine->shared.mmio, &(struct bus_device){
		.base = arch_virtio_base(machine->boot.virtio_devices++), .size = VIRTIO_MMIO_BYTES,
		.read = virtio_mmio_read, .write = virtio_mmio_write, .device = transport,
	});
}

static int add_vsock(struct machine *machine)
{
	const struct vmm_options *options = machine->options;
	unsigned slot = machine->boot.virtio_devices;
	struct irq_line irq = arch_virtio_irq(machine->shared.vm_fd, slot);
	int ret;

	if (!options->has_vsock)
		return 0;
	ret = vsock_create(&options->vsock, (enum claim)options->claim, arch_virtio_base(slot), &irq, &machine->memory,
			   &machine->shared.end, &machine->vsock);
	if (!ret)
		add_virtio(machine, &machine->vsock.transport);
	return ret;
}

static int add_devices(struct machine *machine)
{
	struct vcpu_machine *shared = &machine->shared;
	int ret = add_vsock(machine);

	if (!ret)
		ret = add_serials(machine);
	arch_add_devices(&shared->ports, &shared->mmio, &shared->end);
	return ret;
}

static int listen_for_control(struct machine *machine)
{
	if (!*machine->options->socket)
		return 0;
	machine->control = control_listen(machine->options->socket);
	return machine->control < 0 ? machine->control : 0;
}

/* From here on the process has more than one thread. */
static int start_threads(struct machine *machine)
{
	struct vcpu_machine *shared = &machine->shared;
	int ret = 0;

	for (unsigned i = 0; !ret && i < SERIAL_PORTS; i++)
		ret = serial_start(&machine->serials[i]);
	for (unsigned i = 0; !ret && i < shared->cpus; i++) {
		machine->vcpus[i] = (struct vcpu){ .machine = shared, .index = i };
		ret = vcpu_start(&machine->vcpus[i]);
	}
	return ret;
}

static int init_shared(struct vcpu_machine *shared, unsigned cpus)
{
	shared->cpus = cpus;
	shared->gate.missing = cpus;
	pthread_mutex_init(&shared->lock, NULL);
	pthread_mutex_init(&shared->gate.lock, NULL);
	pthread_cond_init(&shared->gate.changed, NULL);
	return vm_end_open(&shared->end);
}

int machine_create(struct machine *machine, const struct vmm_options *options)
{
	struct boot_source *boot = &machine->boot;
	int ret;

	machine->options = options;
	machine->control = machine->vsock.channel = -1;
	boot->cpus = (unsigned)options->cpus;
	ret = init_shared(&machine->shared, boot->cpus);
	if (!ret)
		ret = open_boot_files(boot, options);
	if (!ret)
		ret = set_command_line(boot, options);
	if (!ret)
		ret = create_vm(machine);
	if (!ret)
		ret = listen_for_control(machine);
	if (!ret)
		ret = add_devices(machine);
	if (!ret)
		ret = arch_load(boot, &machine->memory, &machine->shared.entry);
	if (!ret)
		ret = guest_memory_register(&machine->memory, machine->shared.vm_fd);
	return ret ? ret : start_threads(machine);
}

void machine_close(struct machine *machine)
{
	if (machine->control >= 0)
		control_unlink(machine->options->socket);
	vsock_close(&machine->vsock);
}
