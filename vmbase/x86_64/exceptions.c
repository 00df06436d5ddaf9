// SPDX-License-Identifier: Apache-2.0
/*
 * The interrupt descriptor table, with a separate stack for exceptions, which is valid even
 * when the main one overflowed (Intel SDM volume 3, 6.14 and 7.7).
 */
#include "vmbase/exceptions.h"

#include "machine.h"

#define VECTORS        32
#define STUB_SIZE      16 /* vectors.S */
#define CODE_SELECTOR  0x08
#define TSS_SELECTOR   0x18
#define EXCEPTION_IST  1
#define INTERRUPT_GATE 0x8e
#define CR4_MCE        (1 << 6)
#define CPUID_1_EDX_MCE (1 << 7)

struct gate {
	uint16_t offset_low, selector;
	uint8_t ist, type;
	uint16_t offset_middle;
	uint32_t offset_high, reserved;
};

struct task_state {
	uint32_t reserved0;
	uint64_t rsp[3], reserved1, ist[7], reserved2;
	uint16_t reserved3, io_map;
} __attribute__((packed));

struct table_pointer {
	uint16_t limit;
	uint64_t base;
} __attribute__((packed));

extern char exception_stubs[], _exception_stack_end[];

static struct task_state tss;
static struct gate idt[VECTORS];
static uint64_t gdt[5];

/* Called by the stubs. */
void exception_dispatch(struct exception_frame *frame);

static void load_gdt(void)
{
	struct table_pointer pointer = { .limit = sizeof(gdt) - 1, .base = (uintptr_t)gdt };
	uint64_t base = (uintptr_t)&tss;

	gdt[1] = 0x00af9b000000ffff;
	gdt[2] = 0x00cf93000000ffff;
	gdt[3] = (sizeof(tss) - 1) | (base & 0xffffff) << 16 | 0x89ull << 40 | (base >> 24 & 0xff) << 56;
	gdt[4] = base >> 32;
	tss.ist[EXCEPTION_IST - 1] = (uintptr_t)_exception_stack_end;
	tss.io_map = sizeof(tss);
	__asm__ volatile("lgdt %0\n\tltr %w1" : : "m"(pointer), "r"(TSS_SELECTOR) : "memory");
}

/* Without this bit a machine check does not reach its handler, but shuts the processor down (Intel SDM volume 3, 15.3). */
static void enable_machine_checks(void)
{
	uint32_t eax = 1, ebx, ecx = 0, edx;
	uint64_t cr4;

	__asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
	if (!(edx & CPUID_1_EDX_MCE))
		return;
	__asm__ volatile("movq %%cr4, %0" : "=r"(cr4));
	__asm__ volatile("movq %0, %%cr4" : : "r"(cr4 | CR4_MCE));
}

void arch_init(void)
{
	struct table_pointer pointer = { .limit = sizeof(idt) - 1, .base = (uintptr_t)idt };

	load_gdt();
	for (unsigned i = 0; i < VECTORS; i++) {
		uint64_t stub = (uintptr_t)exception_stubs + i * STUB_SIZE;

		idt[i] = (struct gate){
			.offset_low = (uint16_t)stub,
			.offset_middle = (uint16_t)(stub >> 16),
			.offset_high = (uint32_t)(stub >> 32),
			.selector = CODE_SELECTOR,
			.ist = EXCEPTION_IST,
			.type = INTERRUPT_GATE,
		};
	}
	__asm__ volatile("lidt %0" : : "m"(pointer) : "memory");
	enable_machine_checks();
}

static void report(const char *name, const struct exception_frame *frame)
{
	uint64_t cr2;

	__asm__ volatile("movq %%cr2, %0" : "=r"(cr2));
	exception_report(name, "vector=%lu error=0x%lx rip=0x%016lx rsp=0x%016lx cr2=0x%016lx", frame->vector,
			 frame->error, frame->rip, frame->rsp, cr2);
}

/* clang-format off */
#define DEFAULT_HANDLER(name) \
	__attribute__((weak)) void name(struct exception_frame *frame) { report(#name, frame); }
/* clang-format on */

DEFAULT_HANDLER(page_fault_exception)
DEFAULT_HANDLER(nmi_exception)
DEFAULT_HANDLER(double_fault_exception)
DEFAULT_HANDLER(machine_check_exception)
DEFAULT_HANDLER(other_exception)

void exception_dispatch(struct exception_frame *frame)
{
	switch (frame->vector) {
	case 2:
		nmi_exception(frame);
		break;
	case 8:
		double_fault_exception(frame);
		break;
	case 14:
		page_fault_exception(frame);
		break;
	case 18:
		machine_check_exception(frame);
		break;
	default:
		other_exception(frame);
	}
}
