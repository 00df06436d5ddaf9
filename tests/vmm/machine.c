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
	} files[] = { { options->kernel, &boot->kernel },
		      { options->bios, &boot->bios },
		      { options->initrd, &boot->initrd } };

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		int ret = *files[i].path ? file_map(files[i].path, files[i].file) : 0;

		if (ret)
			return ret;
	}
	for (size_t i = 0; i < options->overlay_count; i++) {
		int ret = file_map(options->overlays[i], &boot->overlays[i]);

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
			snprintf(console, sizeof(console), " console=%s%llu",
				 serial->hardware == HARDWARE_SERIAL ? "ttyS" : "hvc",
				 (unsigned long long)serial->num - 1);
	}
	n = snprintf(boot->command_line, sizeof(boot->command_line), "panic=-1%s%s%s", console,
		     *options->params ? " " : "", options->params);
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

/* Before any device: interrupts are connected to a controller that knows its processors. */
static int create_vcpus(struct machine *machine)
{
	struct vcpu_machine *shared = &machine->shared;
	int ret = arch_create_irqchip(shared->vm_fd);

	for (unsigned i = 0; !ret && i < shared->cpus; i++) {
		machine->vcpus[i] = (struct vcpu){ .machine = shared, .index = i };
		ret = vcpu_create(&machine->vcpus[i]);
	}
	return ret ? ret : arch_complete_irqchip(shared->cpus);
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
	return shared->vm_fd < 0 ? shared->vm_fd : create_vcpus(machine);
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
	int ret = machine_start_devices(machine);

	for (unsigned i = 0; !ret && i < shared->cpus; i++)
		ret = vcpu_start(&machine->vcpus[i]);
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
		ret = machine_add_devices(machine);
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
