/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the VMM's first instruction to C: EL1, the MMU on the static map, caches, .data and .bss, the stacks.
 *
 * The first 64 bytes are the header that Linux images have (Linux, Documentation/arch/arm64/booting.rst), so that a
 * guest can be given as a kernel; as a bootloader it starts at the same first byte.
 *
 * x0 .. x3 belong to main and are kept throughout.
 */
#define CURRENT_EL1 (1 << 2)
#define CURRENT_EL2 (2 << 2)

/* HCR_EL2: EL1 is AArch64 (RW), pointer authentication is not trapped (API, APK). */
#define HCR_EL2_VALUE (1 << 31 | 1 << 41 | 1 << 40)
/* SPSR_EL2: EL1 with its own stack pointer, D, A, I and F masked. */
#define SPSR_EL1H_MASKED 0x3c5
/* SCTLR_EL1: the bits that must be 1; and what turns on translation, caches, stack alignment checks, and write-implies-no-execute. */
#define SCTLR_RESERVED 0x30d00800
#define SCTLR_VALUE (SCTLR_RESERVED | 1 << 0 | 1 << 2 | 1 << 3 | 1 << 4 | 1 << 7 | 1 << 8 | 1 << 12 | 1 << 19)
/* Attribute 0: device nGnRE; attribute 1: normal, write-back. */
#define MAIR_VALUE 0xff04
/*
 * TCR_EL1: 32 bits of address (T0SZ), so that the first-level table has 4 entries and not 512; walks are cached and
 * inner shareable; no walks through TTBR1 (EPD1).  The physical size is added from the processor's own.
 */
#define TCR_VALUE (32 | 1 << 8 | 1 << 10 | 3 << 12 | 1 << 23)

	.section .head, "ax"
	.global vmbase_entry
vmbase_entry:
	b	start
	.long	0
	.quad	VMBASE_IMAGE_BASE - VMBASE_RAM_BASE          /* text_offset */
	.quad	VMBASE_DATA_BASE + VMBASE_DATA_SIZE - VMBASE_IMAGE_BASE /* image_size: all that may be written to */
	.quad	1 << 1                                       /* flags: little endian, 4 KiB pages */
	.quad	0, 0, 0
	.ascii	"ARM\x64"
	.long	0

start:
	/*
	 * Which way to the hypervisor, kept in TPIDR_EL1, which nothing else needs: 0, a HVC, when the guest is started
	 * at EL1; 1, a SMC, when it was given EL2 and there is nobody to take a HVC.
	 */
	mov	x10, #0
	mrs	x9, CurrentEL
	cmp	x9, #CURRENT_EL2
	b.ne	at_el1

	ldr	x9, =HCR_EL2_VALUE
	msr	hcr_el2, x9
	mov	x9, #0x33ff             /* CPTR_EL2: nothing is trapped */
	msr	cptr_el2, x9
	mov	x9, #3                  /* CNTHCTL_EL2: EL1 may read the counter */
	msr	cnthctl_el2, x9
	msr	cntvoff_el2, xzr
	msr	hstr_el2, xzr
	mrs	x9, midr_el1
	msr	vpidr_el2, x9
	mrs	x9, mpidr_el1
	msr	vmpidr_el2, x9
	ldr	x9, =SCTLR_RESERVED
	msr	sctlr_el1, x9
	mov	x9, #SPSR_EL1H_MASKED
	msr	spsr_el2, x9
	adr	x9, 1f
	msr	elr_el2, x9
	eret
1:	mov	x10, #1

at_el1:
	msr	tpidr_el1, x10
	msr	daifset, #0xf

	/* Absolute addresses below are right only where the image was linked to be. */
	adr	x9, vmbase_entry
	ldr	x10, =vmbase_entry
	cmp	x9, x10
	b.ne	wrong_address

	/* From here on exceptions are reported, as the handlers need no more than this stack, which has an MMU or not. */
	ldr	x9, =_exception_stack_end
	msr	spsel, #1
	mov	sp, x9
	ldr	x9, =vectors
	msr	vbar_el1, x9
	mov	x9, #(3 << 20)          /* CPACR_EL1: floating point is not trapped */
	msr	cpacr_el1, x9

	ldr	x9, =idmap
	msr	ttbr0_el1, x9
	ldr	x9, =MAIR_VALUE
	msr	mair_el1, x9
	ldr	x9, =TCR_VALUE
	mrs	x10, id_aa64mmfr0_el1
	and	x10, x10, #7            /* PARange; its values up to 48 bits are those of TCR's IPS */
	cmp	x10, #5
	mov	x11, #5
	csel	x10, x10, x11, ls
	orr	x9, x9, x10, lsl #32
	msr	tcr_el1, x9
	isb
	tlbi	vmalle1
	ic	iallu
	dsb	nsh
	isb
	ldr	x9, =SCTLR_VALUE
	msr	sctlr_el1, x9
	isb

	ldr	x9, =_data_begin
	ldr	x10, =_data_initial_end
	ldr	x11, =_data_load
2:	cmp	x9, x10
	b.hs	3f
	ldp	x12, x13, [x11], #16
	stp	x12, x13, [x9], #16
	b	2b
3:	ldr	x9, =_bss_begin
	ldr	x10, =_bss_end
4:	cmp	x9, x10
	b.hs	5f
	stp	xzr, xzr, [x9], #16
	b	4b

	/* The main program has a stack of its own (SP_EL0), so that an exception finds one that is whole. */
5:	ldr	x9, =_stack_end
	msr	spsel, #0
	mov	sp, x9
	mov	x29, xzr
	mov	x30, xzr
	b	vmbase_start

/* No stack, no map, and the image is not where it thinks: say so on the first serial port, byte by byte, and reset. */
wrong_address:
	ldr	x9, =VMBASE_CONSOLE_BASE
	adr	x10, wrong_address_text
6:	ldrb	w11, [x10], #1
	cbz	w11, 7f
	strb	w11, [x9]
	b	6b
7:	movz	w0, #0x0009             /* PSCI SYSTEM_RESET: 0x84000009 */
	movk	w0, #0x8400, lsl #16
	mrs	x9, tpidr_el1
	cbnz	x9, 8f
	hvc	#0
8:	smc	#0
9:	wfi
	b	9b

wrong_address_text:
	.asciz	"vmbase: this image was loaded at another address than it was linked for\n"
	.balign	4
	.ltorg

/*
 * The static map: 2 MiB blocks for the two regions, and the first GiB as device memory, where all boards have their
 * registers.  Entries are not global: the map that replaces this one has another address space number.
 */
#define BLOCK      (1 << 0 | 1 << 10 | 1 << 11)
#define NORMAL     (1 << 2 | 3 << 8)
#define READ_ONLY  (1 << 7)
#define NO_EXECUTE (3 << 53)
#define TABLE      3
#define IN_REGION(at, base, size) (((at) >= (base)) && ((at) < (base) + (size)))

#if (VMBASE_IMAGE_BASE >> 30) != ((VMBASE_DATA_BASE + VMBASE_DATA_SIZE - 1) >> 30) || (VMBASE_IMAGE_BASE >> 30) < 1 || (VMBASE_IMAGE_BASE >> 30) > 3
#error "the image and the writable data must lie in one GiB, the second, third or fourth"
#endif
#if (VMBASE_IMAGE_BASE | VMBASE_IMAGE_SIZE | VMBASE_DATA_BASE | VMBASE_DATA_SIZE) & 0x1fffff
#error "the regions must begin and end at multiples of 2 MiB"
#endif

	.section .idmap, "a"
	.balign	4096
idmap_blocks:
	.set	at, VMBASE_IMAGE_BASE >> 30 << 30
	.rept	512
	.if	IN_REGION(at, VMBASE_IMAGE_BASE, VMBASE_IMAGE_SIZE)
	.quad	at | BLOCK | NORMAL | READ_ONLY
	.elseif	IN_REGION(at, VMBASE_DATA_BASE, VMBASE_DATA_SIZE)
	.quad	at | BLOCK | NORMAL | NO_EXECUTE
	.else
	.quad	0
	.endif
	.set	at, at + 0x200000
	.endr

	.balign	64
idmap:
	.quad	BLOCK | NO_EXECUTE
	.set	at, 1
	.rept	3
	.if	at == VMBASE_IMAGE_BASE >> 30
	.quad	idmap_blocks + TABLE
	.else
	.quad	0
	.endif
	.set	at, at + 1
	.endr
