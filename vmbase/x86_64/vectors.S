/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The processor's 32 exception vectors: each makes a struct exception_frame and calls exception_dispatch with it; if
 * that returns, the interrupted code continues with the registers in the frame.
 */
	.text

/* Vectors for which the processor pushes an error code (Intel SDM volume 3, table 6-1); the others push a 0 for it. */
#define HAS_ERROR_CODE(v) ((v) == 8 || ((v) >= 10 && (v) <= 14) || (v) == 17 || (v) == 21 || (v) == 29 || (v) == 30)

	.balign	16
	.global	exception_stubs
exception_stubs:
	.set	vector, 0
	.rept	32
	.balign	16
	.if	!HAS_ERROR_CODE(vector)
	pushq	$0
	.endif
	pushq	$vector
	jmp	save_and_dispatch
	.set	vector, vector + 1
	.endr

save_and_dispatch:
	pushq	%rax
	pushq	%rbx
	pushq	%rcx
	pushq	%rdx
	pushq	%rbp
	pushq	%rsi
	pushq	%rdi
	pushq	%r8
	pushq	%r9
	pushq	%r10
	pushq	%r11
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, %rdi
	cld
	/* The processor aligned the stack to 16 and pushed 5 words; with 17 more it is aligned again. */
	call	exception_dispatch
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%r11
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rdi
	popq	%rsi
	popq	%rbp
	popq	%rdx
	popq	%rcx
	popq	%rbx
	popq	%rax
	addq	$16, %rsp       /* vector and error code */
	iretq
