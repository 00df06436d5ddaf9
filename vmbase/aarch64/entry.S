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
/*
 * The static map: 2 MiB blocks for the two regions, and the first GiB as device memory, where all boards have their
 * registers.  Entries are not global: the map that replaces this one has another address space number.
 */
#define BLOCK      (1 << 0 | 1 << 10 | 1 << 11)
#define NORMAL     (1 << 2 | 3 << 8)
#define READ_ONLY  (1 << 7)
#define NO_EXECUTE (3 << 53)
#define TABLE      3
#define BLOCK_SIZE 0x200000
#define IDMAP_BLOCKS_SIZE 4096
#define IDMAP_TOP_SIZE    64

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
	 * at EL1; 1, a SMC, when it was started at EL2, where no hypervisor handles a HVC.
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

	/* Absolute addresses below are valid only at the image's link address. */
	adr	x9, vmbase_entry
	ldr	x10, =vmbase_entry
	cmp	x9, x10
	b.ne	wrong_address

	/* From here on exceptions are reported: the handlers need only this stack, with or without MMU. */
	ldr	x9, =_exception_stack_end
	msr	spsel, #1
	mov	sp, x9
	ldr	x9, =vectors
	msr	vbar_el1, x9
	mov	x9, #(3 << 20)          /* CPACR_EL1: floating point is not trapped */
	msr	cpacr_el1, x9

	/*
	 * The map is all constants, but would be a quarter of a small image if it were part of it.  Caches may hold lines
	 * of this memory from before, and the MMU will look there: they are dropped, at the smallest line there can be.
	 */
	ldr	x9, =idmap
	mov	x10, #(IDMAP_BLOCKS_SIZE + IDMAP_TOP_SIZE)
2:	sub	x10, x10, #16
	add	x11, x9, x10
	stp	xzr, xzr, [x11]
	cbnz	x10, 2b
	ldr	x11, =VMBASE_IMAGE_BASE | BLOCK | NORMAL | READ_ONLY
	mov	x12, #(VMBASE_IMAGE_SIZE / BLOCK_SIZE)
	bl	put_blocks
	ldr	x11, =VMBASE_DATA_BASE | BLOCK | NORMAL | NO_EXECUTE
	mov	x12, #(VMBASE_DATA_SIZE / BLOCK_SIZE)
	bl	put_blocks
	ldr	x10, =idmap_top
	ldr	x11, =BLOCK | NO_EXECUTE
	str	x11, [x10]
	orr	x11, x9, #TABLE
	str	x11, [x10, #(VMBASE_IMAGE_BASE >> 30 << 3)]
	dmb	sy
	mov	x12, #(IDMAP_BLOCKS_SIZE + IDMAP_TOP_SIZE)
3:	sub	x12, x12, #16
	add	x11, x9, x12
	dc	ivac, x11
	cbnz	x12, 3b
	dsb	sy

	msr	ttbr0_el1, x10
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
6:	cmp	x9, x10
	b.hs	7f
	ldp	x12, x13, [x11], #16
	stp	x12, x13, [x9], #16
	b	6b
7:	ldr	x9, =_bss_begin
	ldr	x10, =_bss_end
8:	cmp	x9, x10
	b.hs	9f
	stp	xzr, xzr, [x9], #16
	b	8b

	/* The main program has its own stack (SP_EL0), so that an exception always has a valid one. */
9:	ldr	x9, =_stack_end
	msr	spsel, #0
	mov	sp, x9
	mov	x29, xzr
	mov	x30, xzr
	b	vmbase_start

/* x12 entries in the table at x9, from the descriptor x11 on, each at the place that its address has. */
put_blocks:
	ubfx	x13, x11, #21, #9
	str	x11, [x9, x13, lsl #3]
	add	x11, x11, #BLOCK_SIZE
	subs	x12, x12, #1
	b.ne	put_blocks
	ret

/* No stack, no page tables, and the image is not at its link address: print that on the first serial port, and reset. */
wrong_address:
	ldr	x9, =VMBASE_CONSOLE_BASE
	adr	x10, wrong_address_text
1:	ldrb	w11, [x10], #1
	cbz	w11, 2f
	strb	w11, [x9]
	b	1b
2:	movz	w0, #0x0009             /* PSCI SYSTEM_RESET: 0x84000009 */
	movk	w0, #0x8400, lsl #16
	mrs	x9, tpidr_el1
	cbnz	x9, 3f
	hvc	#0
3:	smc	#0
4:	wfi
	b	4b

wrong_address_text:
	.asciz	"vmbase: this image was loaded at another address than it was linked for\n"
	.balign	4
	.ltorg

#if (VMBASE_IMAGE_BASE >> 30) != ((VMBASE_DATA_BASE + VMBASE_DATA_SIZE - 1) >> 30) || (VMBASE_IMAGE_BASE >> 30) < 1 || (VMBASE_IMAGE_BASE >> 30) > 3
#error "the image and the writable data must lie in one GiB, the second, third or fourth"
#endif
#if (VMBASE_IMAGE_BASE | VMBASE_IMAGE_SIZE | VMBASE_DATA_BASE | VMBASE_DATA_SIZE) & 0x1fffff
#error "the regions must begin and end at multiples of 2 MiB"
#endif

	.section .bss.noinit, "aw", @nobits
	.balign	4096
idmap:
	.skip	IDMAP_BLOCKS_SIZE
idmap_top:
	.skip	IDMAP_TOP_SIZE
