/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exception handlers.  Each has a default in the library, which reports what happened, and reboots; a guest that
 * defines a function of that name has its own.
 *
 * A handler runs on the exception stack.  It gets the registers of the interrupted code and may change them; when it
 * returns, that code continues with them.  Of the console use only emergency_*; do not allocate or map memory.
 */
#ifndef VMBASE_EXCEPTIONS_H
#define VMBASE_EXCEPTIONS_H

#include <stdint.h>

#ifdef __aarch64__

struct exception_frame {
	uint64_t x[31];
	uint64_t elr; /* where it happened, and where execution continues */
	uint64_t spsr;
	uint64_t unused; /* keeps the stack aligned to 16 */
};

/* What happened is in ESR_EL1, and for faults where in FAR_EL1 (Arm ARM D19.2). */
void sync_exception_current(struct exception_frame *frame);
void irq_current(struct exception_frame *frame);
void fiq_current(struct exception_frame *frame);
void serr_current(struct exception_frame *frame);
void sync_lower(struct exception_frame *frame);
void irq_lower(struct exception_frame *frame);
void fiq_lower(struct exception_frame *frame);
void serr_lower(struct exception_frame *frame);

#else

struct exception_frame {
	uint64_t r15, r14, r13, r12, r11, r10, r9, r8, rdi, rsi, rbp, rdx, rcx, rbx, rax;
	uint64_t vector; /* Intel SDM volume 3, table 6-1 */
	uint64_t error;  /* code, 0 for vectors that have none */
	uint64_t rip, cs, rflags, rsp, ss;
};

/* The address of a page fault is in CR2. */
void page_fault_exception(struct exception_frame *frame);    /* vector 14 */
void nmi_exception(struct exception_frame *frame);           /* vector 2 */
void double_fault_exception(struct exception_frame *frame);  /* vector 8; must not return */
void machine_check_exception(struct exception_frame *frame); /* vector 18; must not return */
void other_exception(struct exception_frame *frame);         /* the rest of 0 .. 31 */

#endif

#endif
