/* SPDX-License-Identifier: Apache-2.0 */
/* Virtual processors: a thread for each, as in crosvm, and the gate that holds them all before their first step. */
#ifndef VMM_VCPU_H
#define VMM_VCPU_H

#include <pthread.h>
#include <stdbool.h>

#include "vmm/arch.h"

struct run_gate {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	unsigned missing; /* vCPUs that are not made yet: none may run before, or its wake-up call would be lost */
	bool open;
};

/* What all vCPUs of a machine share. */
struct vcpu_machine {
	int kvm_fd, vm_fd;
	unsigned cpus;
	struct boot_entry entry;
	struct bus mmio, ports;
	pthread_mutex_t lock; /* of all devices */
	struct run_gate gate;
	struct vm_end end;
};

struct vcpu {
	struct vcpu_machine *machine;
	unsigned index;
	int fd;
	struct kvm_run *run; /* shared with the kernel */
};

void gate_open(struct run_gate *gate);

/* Makes the vCPU, whose `machine` and `index` are set; both must live as long as the process.  0 or a negative errno, logged. */
int vcpu_create(struct vcpu *vcpu);

/* Starts its thread.  0 or a negative errno, logged. */
int vcpu_start(struct vcpu *vcpu);

#endif
