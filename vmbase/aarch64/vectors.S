/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The exception vectors (Arm ARM D1.3.1): each saves the registers in a struct exception_frame, calls its C handler
 * with it, and returns to the address in the frame if the handler returns.
 *
 * The first eight are for exceptions from EL1: from the main program, which is on SP_EL0, and from a handler.
 */
#define FRAME_SIZE 272 /* struct exception_frame */
#define FRAME_ELR  248

	.macro	vector handler
	.balign	0x80
	sub	sp, sp, #FRAME_SIZE
	stp	x0, x1, [sp]
	ldr	x1, =\handler
	b	call_handler
	.endm

	.section .vectors, "ax"
	.balign	0x800
	.global	vectors
vectors:
	.rept	2
	vector	sync_exception_current
	vector	irq_current
	vector	fiq_current
	vector	serr_current
	.endr
	.rept	2
	vector	sync_lower
	vector	irq_lower
	vector	fiq_lower
	vector	serr_lower
	.endr

/* In the room that the last vector leaves. */
call_handler:
	stp	x2, x3, [sp, #16]
	stp	x4, x5, [sp, #32]
	stp	x6, x7, [sp, #48]
	stp	x8, x9, [sp, #64]
	stp	x10, x11, [sp, #80]
	stp	x12, x13, [sp, #96]
	stp	x14, x15, [sp, #112]
	stp	x16, x17, [sp, #128]
	stp	x18, x19, [sp, #144]
	stp	x20, x21, [sp, #160]
	stp	x22, x23, [sp, #176]
	stp	x24, x25, [sp, #192]
	stp	x26, x27, [sp, #208]
	stp	x28, x29, [sp, #224]
	str	x30, [sp, #240]
	mrs	x2, elr_el1
	mrs	x3, spsr_el1
	stp	x2, x3, [sp, #FRAME_ELR]
	mov	x0, sp
	blr	x1

	ldp	x2, x3, [sp, #FRAME_ELR]
	msr	elr_el1, x2
	msr	spsr_el1, x3
	ldp	x2, x3, [sp, #16]
	ldp	x4, x5, [sp, #32]
	ldp	x6, x7, [sp, #48]
	ldp	x8, x9, [sp, #64]
	ldp	x10, x11, [sp, #80]
	ldp	x12, x13, [sp, #96]
	ldp	x14, x15, [sp, #112]
	ldp	x16, x17, [sp, #128]
	ldp	x18, x19, [sp, #144]
	ldp	x20, x21, [sp, #160]
	ldp	x22, x23, [sp, #176]
	ldp	x24, x25, [sp, #192]
	ldp	x26, x27, [sp, #208]
	ldp	x28, x29, [sp, #224]
	ldr	x30, [sp, #240]
	ldp	x0, x1, [sp]
	add	sp, sp, #FRAME_SIZE
	eret
	.ltorg
