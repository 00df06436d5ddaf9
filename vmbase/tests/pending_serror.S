/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starts another aarch64 guest at EL1 with a virtual SError pending (Arm ARM D1.14.6: HCR_EL2.VSE, with AMO), which the guest
 * takes when it unmasks it.  QEMU enters here at EL2 with x0 = the device tree; the guest is put into memory by QEMU
 * (-device loader).  The guest's calls to the hypervisor are passed on to QEMU, which takes them from EL2 as SMC.
 */
#define GUEST 0x40200000 /* where guests for QEMU's virt are linked */
#define HCR_EL2_VALUE (1 << 31 | 1 << 41 | 1 << 40 | 1 << 8 | 1 << 5) /* RW, API, APK; VSE, AMO */
#define SPSR_EL1H_MASKED 0x3c5
#define SCTLR_RESERVED 0x30d00800

	.text
	.global start
start:
	adr	x9, vectors
	msr	vbar_el2, x9
	ldr	x9, =HCR_EL2_VALUE
	msr	hcr_el2, x9
	mov	x9, #0x33ff             /* CPTR_EL2: nothing is trapped */
	msr	cptr_el2, x9
	mov	x9, #3                  /* CNTHCTL_EL2: EL1 may read the counter */
	msr	cnthctl_el2, x9
	msr	cntvoff_el2, xzr
	msr	hstr_el2, xzr
	ldr	x9, =SCTLR_RESERVED
	msr	sctlr_el1, x9
	mov	x9, #SPSR_EL1H_MASKED
	msr	spsr_el2, x9
	ldr	x9, =GUEST
	msr	elr_el2, x9
	isb
	eret
	.ltorg

	.balign	0x800
vectors:
	.skip	0x400
	smc	#0                      /* from EL1, synchronous: a HVC */
	eret
