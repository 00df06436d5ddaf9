// SPDX-License-Identifier: Apache-2.0
#include "vmm/vcpu.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include "common/log.h"
#include "vmm/file.h"

void gate_open(struct run_gate *gate)
{
	pthread_mutex_lock(&gate->lock);
	gate->open = true;
	pthread_cond_broadcast(&gate->changed);
	pthread_mutex_unlock(&gate->lock);
}

static void gate_pass(struct run_gate *gate)
{
	pthread_mutex_lock(&gate->lock);
	gate->missing--;
	pthread_cond_broadcast(&gate->changed);
	while (!gate->open || gate->missing)
		pthread_cond_wait(&gate->changed, &gate->lock);
	pthread_mutex_unlock(&gate->lock);
}

int vcpu_create(struct vcpu *vcpu)
{
	struct vcpu_machine *machine = vcpu->machine;
	int size = call_ioctl(machine->kvm_fd, KVM_GET_VCPU_MMAP_SIZE, 0);

	if (size < 0)
		return size;
	vcpu->fd = call_ioctl(machine->vm_fd, KVM_CREATE_VCPU, vcpu->index);
	if (vcpu->fd < 0)
		return vcpu->fd;
	vcpu->run = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu->fd, 0);
	if (vcpu->run == MAP_FAILED) {
		int error = errno;

		log_error("mmap of the vCPU: %s", strerror(error));
		return -error;
	}
	return arch_create_vcpu(machine->vm_fd, vcpu->fd, vcpu->index);
}

static void handle_system_event(const struct kvm_run *run, struct vm_end *end)
{
	static const int outcomes[] = {
		[KVM_SYSTEM_EVENT_SHUTDOWN] = OUTCOME_STOP,
		[KVM_SYSTEM_EVENT_RESET] = OUTCOME_RESET,
		[KVM_SYSTEM_EVENT_CRASH] = OUTCOME_PANIC,
	};
	uint32_t type = run->system_event.type;

	vm_end_report(end, type && type < sizeof(outcomes) / sizeof(outcomes[0]) ? outcomes[type] : OUTCOME_CRASH);
}

static void handle_mmio(const struct bus *mmio, struct kvm_run *run)
{
	if (run->mmio.is_write)
		bus_write(mmio, run->mmio.phys_addr, run->mmio.data, run->mmio.len);
	else
		bus_read(mmio, run->mmio.phys_addr, run->mmio.data, run->mmio.len);
}

static void handle_exit(struct vcpu_machine *machine, struct kvm_run *run)
{
	switch (run->exit_reason) {
	case KVM_EXIT_MMIO:
		handle_mmio(&machine->mmio, run);
		break;
	case KVM_EXIT_SYSTEM_EVENT:
		handle_system_event(run, &machine->end);
		break;
	case KVM_EXIT_INTR:
		break;
	default:
		if (arch_handle_exit(&machine->ports, run, &machine->end))
			break;
		log_error("the vCPU stopped for a reason that can't be handled: KVM exit %u, detail 0x%llx",
			  run->exit_reason, (unsigned long long)run->hw.hardware_exit_reason);
		vm_end_report(&machine->end, OUTCOME_CRASH);
	}
}

static void run(struct vcpu *vcpu)
{
	struct vcpu_machine *machine = vcpu->machine;

	while (atomic_load(&machine->end.outcome) < 0) {
		if (ioctl(vcpu->fd, KVM_RUN, 0) < 0) {
			if (errno == EINTR || errno == EAGAIN)
				continue;
			log_error("ioctl KVM_RUN: %s", strerror(errno));
			vm_end_report(&machine->end, OUTCOME_CRASH);
			return;
		}
		pthread_mutex_lock(&machine->lock);
		handle_exit(machine, vcpu->run);
		pthread_mutex_unlock(&machine->lock);
	}
}

static void *vcpu_main(void *argument)
{
	struct vcpu *vcpu = argument;
	struct vcpu_machine *machine = vcpu->machine;
	char name[16];

	snprintf(name, sizeof(name), "crosvm_vcpu%u", vcpu->index % 100);
	prctl(PR_SET_NAME, name);
	if (arch_init_vcpu(machine->kvm_fd, vcpu->fd, vcpu->index, machine->cpus, &machine->entry)) {
		vm_end_report(&machine->end, OUTCOME_ERROR);
		return NULL;
	}
	gate_pass(&machine->gate);
	run(vcpu);
	return NULL;
}

int vcpu_start(struct vcpu *vcpu)
{
	pthread_t thread;
	int error = pthread_create(&thread, NULL, vcpu_main, vcpu);

	if (error) {
		log_error("a thread for vCPU %u: %s", vcpu->index, strerror(error));
		return -error;
	}
	pthread_detach(thread);
	return 0;
}
