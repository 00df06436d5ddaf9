// SPDX-License-Identifier: Apache-2.0
/* The interrupt controller and the processors' first state. */
#include <errno.h>

#include "common/log.h"
#include "vmm/aarch64/layout.h"
#include "vmm/arch.h"

enum {
	/* Arm ARM, C5.2.19: EL1 with its own stack pointer; debug, SError, IRQ and FIQ masked. */
	PSTATE_EL1_MASKED = 0x3c5,
};

#define CORE_REGISTER(field) \
	(KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE | KVM_REG_ARM_CORE_REG(field))

static int gic = -1; /* lives as long as the machine */

int arch_create_irqchip(int vm_fd)
{
	struct kvm_create_device device = { .type = KVM_DEV_TYPE_ARM_VGIC_V3 };
	int r = call_ioctl(vm_fd, KVM_CREATE_DEVICE, &device);

	if (r < 0)
		return r;
	gic = (int)device.fd;
	return 0;
}

static int set_attribute(uint32_t group, uint64_t attribute, const void *value)
{
	struct kvm_device_attr attr = { .group = group, .attr = attribute, .addr = (uintptr_t)value };
	int r = call_ioctl(gic, KVM_SET_DEVICE_ATTR, &attr);

	return r < 0 ? r : 0;
}

/* Only a complete GICv3 takes interrupts of other processes (irqfds), and it is complete with all processors. */
int arch_complete_irqchip(unsigned cpus)
{
	const uint64_t distributor = GIC_DISTRIBUTOR, redistributors = gic_redistributors(cpus);
	const uint32_t interrupts = FIRST_SPI_INTID + SPIS;
	int r = set_attribute(KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_DIST, &distributor);

	if (!r)
		r = set_attribute(KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_REDIST, &redistributors);
	if (!r)
		r = set_attribute(KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0, &interrupts);
	return r ? r : set_attribute(KVM_DEV_ARM_VGIC_GRP_CTRL, KVM_DEV_ARM_VGIC_CTRL_INIT, NULL);
}

/* All but the first are off until the guest turns them on by PSCI. */
int arch_create_vcpu(int vm_fd, int vcpu_fd, unsigned index)
{
	struct kvm_vcpu_init init;
	int r = call_ioctl(vm_fd, KVM_ARM_PREFERRED_TARGET, &init);

	if (r < 0)
		return r;
	init.features[0] |= 1U << KVM_ARM_VCPU_PSCI_0_2;
	if (index)
		init.features[0] |= 1U << KVM_ARM_VCPU_POWER_OFF;
	r = call_ioctl(vcpu_fd, KVM_ARM_VCPU_INIT, &init);
	return r < 0 ? r : 0;
}

static int set_register(int vcpu_fd, uint64_t id, uint64_t value)
{
	struct kvm_one_reg reg = { .id = id, .addr = (uintptr_t)&value };
	int r = call_ioctl(vcpu_fd, KVM_SET_ONE_REG, &reg);

	return r < 0 ? r : 0;
}

int arch_init_vcpu(int kvm_fd, int vcpu_fd, unsigned index, unsigned cpus, const struct boot_entry *entry)
{
	int r;

	(void)kvm_fd, (void)cpus;
	if (index)
		return 0;
	r = set_register(vcpu_fd, CORE_REGISTER(regs.pc), entry->address);
	if (!r)
		r = set_register(vcpu_fd, CORE_REGISTER(regs.regs[0]), entry->argument);
	return r ? r : set_register(vcpu_fd, CORE_REGISTER(regs.pstate), PSTATE_EL1_MASKED);
}
