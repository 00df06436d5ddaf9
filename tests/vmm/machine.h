/* SPDX-License-Identifier: Apache-2.0 */
/* A whole virtual machine, from its options to its end. */
#ifndef VMM_MACHINE_H
#define VMM_MACHINE_H

#include "vmm/control.h"
#include "vmm/options.h"
#include "vmm/vcpu.h"
#include "vmm/virtio_blk.h"
#include "vmm/virtio_console.h"
#include "vmm/vsock.h"

enum { SERIAL_PORTS = 4 };

struct machine {
	const struct vmm_options *options;
	struct boot_source boot;
	struct guest_memory memory;
	struct vcpu_machine shared;
	struct vcpu vcpus[OPTION_MAX_CPUS];
	/* Devices.  Those on virtio are in slots in this order: vsock, consoles by their numbers, disks. */
	struct serial serials[SERIAL_PORTS];
	struct vsock vsock;
	struct virtio_console consoles[SERIAL_PORTS];
	unsigned console_count;
	struct virtio_blk disks[OPTION_MAX_DISKS];
	int control; /* the listening control socket, -1: none */
};

/*
 * Builds the machine that OPTIONS (complete) describe, in crosvm's order: files, /dev/kvm, memory, VM, control socket,
 * /dev/vhost-vsock, kernel; and starts its vCPUs.  Call it once, in a process of one thread; MACHINE is zero and lives
 * as long as the process, because the vCPUs' threads use it to the end.
 *
 * 0 or a negative errno after a message.  machine_close is due in both cases.
 */
int machine_create(struct machine *machine, const struct vmm_options *options);

/* Steps of machine_create, in machine_devices.c: makes the devices; starts the threads that carry their input. */
int machine_add_devices(struct machine *machine);
int machine_start_devices(struct machine *machine);

/* Serves the control socket until the machine ends; returns how (OUTCOME_*). */
int machine_wait(struct machine *machine);

/* Removes the control socket's name and ends the vsock device's process. */
void machine_close(struct machine *machine);

#endif
