// SPDX-License-Identifier: Apache-2.0
/*
 * Raises one exception of the kind that raise=NAME on the command line names, so that its vector and its default handler are
 * run.  Where a kind can only come from outside, the guest says that it waits, and check.sh sends it.
 */
#include "vmbase/boot_info.h"
#include "vmbase/console.h"
#include "vmbase/mmu.h"
#include "vmbase/string.h"
#include "vmbase/vmbase.h"

#include "arch.h"

#ifdef __aarch64__

/* PSTATE's mask bits (Arm ARM C5.2.2), as in DAIFClr's operand and, shifted, in SPSR_EL1. */
enum { MASK_FIQ = 1 << 0, MASK_IRQ = 1 << 1, MASK_SERROR = 1 << 2, MASK_DEBUG = 1 << 3, ALL = 15, SPSR_MASK_SHIFT = 6 };

/* QEMU's virt: a GICv2 (Arm IHI 0048B, 4.3 and 4.4). */
#define GICD 0x08000000ul
#define GICC 0x08010000ul
enum {
	GICD_CTLR = 0x000,
	GICD_SGIR = 0xf00,
	GICC_CTLR = 0x000,
	GICC_PMR = 0x004,
	ENABLE_GROUP_0 = 1 << 0,
	FIQ_ENABLE = 1 << 3, /* group 0 is signalled as FIQ */
	SGI_TO_SELF = 2 << 24,
};

static void write32(uintptr_t address, uint32_t value)
{
	*(volatile uint32_t *)address = value;
}

/* Makes an interrupt pending, which is masked until now. */
static void interrupt_self(uint32_t signal)
{
	if (mmu_map(GICD, 0x1000, PAGE_READ | PAGE_WRITE | PAGE_DEVICE) < 0 ||
	    mmu_map(GICC, 0x1000, PAGE_READ | PAGE_WRITE | PAGE_DEVICE) < 0)
		vmbase_panic("the interrupt controller can't be mapped");
	write32(GICC + GICC_PMR, 0xff);
	write32(GICC + GICC_CTLR, ENABLE_GROUP_0 | signal);
	write32(GICD + GICD_CTLR, ENABLE_GROUP_0);
	write32(GICD + GICD_SGIR, SGI_TO_SELF);
	__asm__ volatile("dsb sy\n\tisb" : : : "memory");
}

#define unmask(mask) __asm__ volatile("msr daifclr, %0\n\tisb" : : "i"(mask) : "memory")

/* Goes to EL0, where nothing may be executed, with all masked but UNMASKED: what is pending comes before the first fetch. */
static _Noreturn void enter_el0(unsigned unmasked)
{
	write_sysreg(spsr_el1, (ALL & ~unmasked) << SPSR_MASK_SHIFT);
	write_sysreg(elr_el1, (uintptr_t)main);
	__asm__ volatile("isb\n\teret");
	__builtin_unreachable();
}

static void raise_irq_current(void)
{
	interrupt_self(0);
	unmask(MASK_IRQ);
}

static void raise_fiq_current(void)
{
	interrupt_self(FIQ_ENABLE);
	unmask(MASK_FIQ);
}

/* Pending from the start, by tests/pending_serror.S. */
static void raise_serr_current(void)
{
	unmask(MASK_SERROR);
}

static void raise_sync_lower(void)
{
	enter_el0(0);
}

static void raise_irq_lower(void)
{
	interrupt_self(0);
	enter_el0(MASK_IRQ);
}

static void raise_fiq_lower(void)
{
	interrupt_self(FIQ_ENABLE);
	enter_el0(MASK_FIQ);
}

static void raise_serr_lower(void)
{
	enter_el0(MASK_SERROR);
}

#else

/* A page fault whose own vector and the next ones are beyond the table's end (Intel SDM volume 3, table 6-5). */
static void raise_double_fault(void)
{
	struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) idt;

	__asm__ volatile("sidt %0" : "=m"(idt));
	idt.limit = 9 * 16 - 1;
	__asm__ volatile("lidt %0" : : "m"(idt) : "memory");
	*(volatile uint32_t *)0x30000000ul = 0;
}

static void wait(void)
{
	console_printf("waiting\n");
	for (;;)
		cpu_relax();
}

#endif

static const struct {
	const char *name;
	void (*raise)(void);
} kinds[] = {
#ifdef __aarch64__
	{ "irq_current", raise_irq_current },   { "fiq_current", raise_fiq_current },
	{ "serr_current", raise_serr_current }, { "sync_lower", raise_sync_lower },
	{ "irq_lower", raise_irq_lower },       { "fiq_lower", raise_fiq_lower },
	{ "serr_lower", raise_serr_lower },
#else
	{ "double_fault", raise_double_fault },
	{ "nmi", wait },
	{ "machine_check", wait },
#endif
};

void main(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	char name[32] = "";

	(void)arg0, (void)arg1, (void)arg2, (void)arg3;
	boot_option(vmbase_boot_info()->command_line, "raise", name, sizeof(name));
	for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].name, name) != 0)
			continue;
		kinds[i].raise();
		vmbase_panic("%s was not raised", name);
	}
	vmbase_panic("raise=%s: there is no such kind", name);
}
