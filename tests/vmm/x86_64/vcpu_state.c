// SPDX-License-Identifier: Apache-2.0
/* The processors' first state: CPUID, and the registers with which a kernel is entered. */
#include <errno.h>
#include <string.h>

#include "common/log.h"
#include "vmm/arch.h"
#include "vmm/x86_64/layout.h"

enum {
	MAX_CPUID_ENTRIES = 128,
	/* Intel SDM volume 3: 2.5 (control registers), 2.2.1 (EFER) */
	CR0_PE = 1 << 0,
	CR0_ET = 1 << 4,
	CR4_PAE = 1 << 5,
	EFER_LME = 1 << 8,
	EFER_LMA = 1 << 10,
	/* CPUID leaf 1, ECX */
	CPUID_X2APIC = 1 << 21,
	CPUID_TSC_DEADLINE = 1 << 24,
	CPUID_LEAF_FEATURES = 1,
	CPUID_LEAF_TOPOLOGY = 0xb,
	CPUID_LEAF_TOPOLOGY_V2 = 0x1f,
};
#define CR0_PG (1UL << 31)
#define CPUID_HYPERVISOR (1U << 31)

int arch_create_irqchip(int vm_fd)
{
	int ret = call_ioctl(vm_fd, KVM_SET_TSS_ADDR, TSS_ADDRESS);

	return ret < 0 ? ret : call_ioctl(vm_fd, KVM_CREATE_IRQCHIP, 0);
}

int arch_create_vcpu(int vm_fd, int vcpu_fd, unsigned index)
{
	(void)vm_fd, (void)vcpu_fd, (void)index;
	return 0;
}

int arch_complete_irqchip(unsigned cpus)
{
	(void)cpus;
	return 0;
}

static void adapt_cpuid(struct kvm_cpuid_entry2 *entry, unsigned index, unsigned cpus)
{
	switch (entry->function) {
	case CPUID_LEAF_FEATURES:
		entry->ebx = (entry->ebx & 0xffff) | cpus << 16 | index << 24;
		entry->ecx |= CPUID_HYPERVISOR | CPUID_X2APIC | CPUID_TSC_DEADLINE;
		break;
	case CPUID_LEAF_TOPOLOGY:
	case CPUID_LEAF_TOPOLOGY_V2:
		entry->edx = index;
		break;
	}
}

static int set_cpuid(int kvm_fd, int vcpu_fd, unsigned index, unsigned cpus)
{
	struct {
		struct kvm_cpuid2 header;
		struct kvm_cpuid_entry2 entries[MAX_CPUID_ENTRIES];
	} cpuid = { .header.nent = MAX_CPUID_ENTRIES };
	int ret = call_ioctl(kvm_fd, KVM_GET_SUPPORTED_CPUID, &cpuid);

	if (ret < 0)
		return ret;
	for (unsigned i = 0; i < cpuid.header.nent; i++)
		adapt_cpuid(&cpuid.entries[i], index, cpus);
	return call_ioctl(vcpu_fd, KVM_SET_CPUID2, &cpuid);
}

/* The same flat segments as in the GDT (boot_tables.c). */
static void set_segments(struct kvm_sregs *sregs, bool long_mode)
{
	struct kvm_segment code = {
		.limit = 0xffffffff,
		.selector = CODE_SELECTOR,
		.type = 11 /* code, read, accessed */,
		.present = 1,
		.s = 1,
		.g = 1,
		.l = long_mode,
		.db = !long_mode,
	};
	struct kvm_segment data = {
		.limit = 0xffffffff,
		.selector = DATA_SELECTOR,
		.type = 3 /* data, write, accessed */,
		.present = 1,
		.s = 1,
		.g = 1,
		.db = 1,
	};
	struct kvm_segment tss = {
		.limit = 0xfffff, .selector = TSS_SELECTOR, .type = 11 /* busy */, .present = 1, .g = 1
	};

	sregs->cs = code;
	sregs->ds = sregs->es = sregs->fs = sregs->gs = sregs->ss = data;
	sregs->tr = tss;
	sregs->gdt.base = BOOT_GDT;
	sregs->gdt.limit = 5 * 8 - 1;
	sregs->idt.base = 0;
	sregs->idt.limit = 0; /* an exception before the guest has handlers is a triple fault */
}

static int set_system_registers(int vcpu_fd, int mode)
{
	struct kvm_sregs sregs;
	int ret = call_ioctl(vcpu_fd, KVM_GET_SREGS, &sregs);

	if (ret < 0)
		return ret;
	set_segments(&sregs, mode == BOOT_LONG);
	sregs.cr0 = CR0_PE | CR0_ET;
	if (mode == BOOT_LONG) {
		sregs.cr0 |= CR0_PG;
		sregs.cr3 = BOOT_PML4;
		sregs.cr4 |= CR4_PAE;
		sregs.efer |= EFER_LME | EFER_LMA;
	}
	return call_ioctl(vcpu_fd, KVM_SET_SREGS, &sregs);
}

int arch_init_vcpu(int kvm_fd, int vcpu_fd, unsigned index, unsigned cpus, const struct boot_entry *entry)
{
	struct kvm_regs regs = {
		.rflags = 2 /* always one */,
		.rip = entry->address,
		.rsi = BOOT_ZERO_PAGE,
		.rsp = BOOT_STACK,
		.rbp = BOOT_STACK,
	};
	int ret = set_cpuid(kvm_fd, vcpu_fd, index, cpus);

	/* Other processors wait for the first one, and firmware begins as the processor itself does. */
	if (ret < 0 || index > 0 || entry->mode == BOOT_REAL)
		return ret;
	ret = set_system_registers(vcpu_fd, entry->mode);
	return ret < 0 ? ret : call_ioctl(vcpu_fd, KVM_SET_REGS, &regs);
}
