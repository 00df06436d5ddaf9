/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts that depend on the architecture: each has a folder of its name that implements this header.
 */
#ifndef VMM_ARCH_H
#define VMM_ARCH_H

#include <linux/kvm.h>
#include <stdbool.h>
#include <stdint.h>

#include "vmm/bus.h"
#include "vmm/file.h"
#include "vmm/guest_memory.h"
#include "vmm/irq.h"
#include "vmm/outcome.h"
#include "vmm/serial.h"

/* One for vsock, and for each console and disk that options can name: every architecture has so many. */
enum { ARCH_VIRTIO_SLOTS = 13 };

/* The kernel or firmware to boot. */
struct boot_source {
	struct mapped_file kernel;      /* either this ... */
	struct mapped_file bios;        /* ... or this is there */
	struct mapped_file initrd;      /* may be absent */
	struct mapped_file overlays[2]; /* of the device tree, where the architecture has one */
	char command_line[2048];
	unsigned cpus;
	unsigned virtio_devices; /* in arch_virtio_base's slots 0 to this - 1 */
};

/* The entry point of the first processor. */
struct boot_entry {
	uint64_t address;
	uint64_t argument; /* in the first register, where the architecture has one */
	int mode;          /* of the architecture's own choice */
};

/* The memory map for MIB MiB.  0 or a negative errno, logged; so for all functions here that return int. */
int arch_add_memory(struct guest_memory *memory, uint64_t mib);

/*
 * The interrupt controller: the steps before the first vCPU, for each of the CPUS vCPUs, and after all were created.  Devices
 * connect their interrupts after that.
 */
int arch_create_irqchip(int vm_fd);
int arch_create_vcpu(int vm_fd, int vcpu_fd, unsigned index);
int arch_complete_irqchip(unsigned cpus);

/* Loads BOOT and the description of the machine for the guest.  May add memory (a ROM), so register it after this. */
int arch_load(const struct boot_source *boot, struct guest_memory *memory, struct boot_entry *ret);

/* Sets the registers of vCPU INDEX; all but the first wait to be started by the guest. */
int arch_init_vcpu(int kvm_fd, int vcpu_fd, unsigned index, unsigned cpus, const struct boot_entry *entry);

/*
 * Where serial port NUM (1 to 4) and virtio slot SLOT (0 to ARCH_VIRTIO_SLOTS - 1) are found, and their interrupts.
 * VM_FD goes into the line and stays the caller's.
 */
uint64_t arch_serial_base(unsigned num);
void arch_add_serial(struct bus *ports, struct bus *mmio, unsigned num, struct serial *serial);
struct irq_line arch_serial_irq(int vm_fd, unsigned num);
uint64_t arch_virtio_base(unsigned slot);
struct irq_line arch_virtio_irq(int vm_fd, unsigned slot);

/* Devices that every machine of the architecture has: how the guest powers off, resets, panics.  They report to END. */
void arch_add_devices(struct bus *ports, struct bus *mmio, struct vm_end *end);

/* Handles an exit of this architecture; false if it is unknown.  The caller holds the devices' lock. */
bool arch_handle_exit(const struct bus *ports, struct kvm_run *run, struct vm_end *end);

#endif
