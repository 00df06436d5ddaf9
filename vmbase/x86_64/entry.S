/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the VMM's first instruction to C, by either of two ways into one ELF file:
 *
 *   pvh_entry     QEMU: 32-bit protected mode, no paging, ebx = struct hvm_start_info (Xen, docs/misc/pvh.pandoc)
 *   vmbase_entry  crosvm: long mode on a map of the VMM's, rsi = zero page (Linux, Documentation/arch/x86/boot.rst,
 *                 64-bit boot protocol)
 */
#define BOOT_ZERO_PAGE 2 /* enum boot_source */
#define BOOT_PVH       3

#define CODE_SELECTOR 0x08
#define DATA_SELECTOR 0x10

#define CR0_PG_WP_NE_MP_PE (1 << 31 | 1 << 16 | 1 << 5 | 1 << 1 | 1 << 0)
#define CR4_PAE            (1 << 5)
#define CR4_SSE            (1 << 9 | 1 << 10)
#define MSR_EFER           0xc0000080
#define EFER_NXE_LME       (1 << 11 | 1 << 8)
#define EFER_NXE           (1 << 11)

#define CONSOLE_PORT 0x3f8

#if VMBASE_IMAGE_BASE < 0x200000
#error "crosvm loads nothing below 2 MiB"
#endif
#if (VMBASE_IMAGE_BASE | VMBASE_IMAGE_SIZE | VMBASE_DATA_BASE | VMBASE_DATA_SIZE) & 0x1fffff
#error "the regions must begin and end at multiples of 2 MiB"
#endif
#if VMBASE_IMAGE_BASE + VMBASE_IMAGE_SIZE > 0x40000000 || VMBASE_DATA_BASE + VMBASE_DATA_SIZE > 0x40000000
#error "the regions must lie in the first GiB"
#endif

/* Tells QEMU the 32-bit entry: XEN_ELFNOTE_PHYS32_ENTRY (Xen, public/elfnote.h). */
	.section .note.pvh, "a", @note
	.balign	4
	.long	4, 4, 18
	.asciz	"Xen"
	.long	pvh_entry

	.section .head, "ax"
	.code64
	.global	vmbase_entry
vmbase_entry:
	cli
	cld
	leaq	vmbase_entry(%rip), %rax
	cmpq	$vmbase_entry, %rax
	jne	wrong_address
	movq	%rsi, %rdi
	movl	$BOOT_ZERO_PAGE, %esi
	movl	$MSR_EFER, %ecx
	rdmsr
	orl	$EFER_NXE, %eax
	wrmsr
	movl	$CR0_PG_WP_NE_MP_PE, %eax
	movq	%rax, %cr0
	jmp	in_long_mode

	.code32
	.global	pvh_entry
pvh_entry:
	cli
	cld
	/* The page table until C code runs: the low 2 MiB and the writable region (read, write), the image (read, execute). */
	movl	$boot_tables, %edi
	xorl	%eax, %eax
	movl	$(3 * 4096 / 4), %ecx
	rep stosl
	movl	$(boot_tables + 0x1000 + 3), boot_tables
	movl	$(boot_tables + 0x2000 + 3), boot_tables + 0x1000
	movl	$0x83, boot_tables + 0x2000
	movl	$0x80000000, boot_tables + 0x2004
	.set	at, VMBASE_IMAGE_BASE
	.rept	VMBASE_IMAGE_SIZE >> 21
	movl	$(at | 0x81), boot_tables + 0x2000 + (at >> 18)
	.set	at, at + 0x200000
	.endr
	.set	at, VMBASE_DATA_BASE
	.rept	VMBASE_DATA_SIZE >> 21
	movl	$(at | 0x83), boot_tables + 0x2000 + (at >> 18)
	movl	$0x80000000, boot_tables + 0x2004 + (at >> 18)
	.set	at, at + 0x200000
	.endr

	movl	$CR4_PAE, %eax
	movl	%eax, %cr4
	movl	$boot_tables, %eax
	movl	%eax, %cr3
	movl	$MSR_EFER, %ecx
	movl	$EFER_NXE_LME, %eax
	xorl	%edx, %edx
	wrmsr
	movl	$CR0_PG_WP_NE_MP_PE, %eax
	movl	%eax, %cr0
	lgdt	gdt_pointer
	ljmp	$CODE_SELECTOR, $1f

	.code64
1:	movl	%ebx, %edi
	movl	$BOOT_PVH, %esi

in_long_mode:
	lgdt	gdt_pointer
	movl	$DATA_SELECTOR, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	xorl	%eax, %eax
	movl	%eax, %fs
	movl	%eax, %gs
	movl	$_stack_end, %esp
	pushq	$CODE_SELECTOR
	pushq	$2f
	lretq
2:	movq	%cr4, %rax
	orq	$CR4_SSE, %rax
	movq	%rax, %cr4

	movq	%rdi, %r8
	movq	%rsi, %r9
	movl	$_data_load, %esi
	movl	$_data_begin, %edi
	movl	$_data_initial_end, %ecx
	subl	%edi, %ecx
	rep movsb
	movl	$_bss_begin, %edi
	movl	$_bss_end, %ecx
	subl	%edi, %ecx
	shrl	$3, %ecx
	xorl	%eax, %eax
	rep stosq

	movq	%r8, %rdi
	movq	%r9, %rsi
	xorl	%edx, %edx
	xorl	%ecx, %ecx
	xorl	%ebp, %ebp
	pushq	%rbp            /* the stack is as after a call: 8 off a multiple of 16 */
	jmp	vmbase_start

/* The image is not at its link address: print that on the first serial port, and reset as PCs do. */
wrong_address:
	leaq	wrong_address_text(%rip), %rsi
	movl	$CONSOLE_PORT, %edx
3:	lodsb
	testb	%al, %al
	jz	4f
	outb	%al, %dx
	jmp	3b
4:	movb	$0xfe, %al
	outb	%al, $0x64
5:	hlt
	jmp	5b

wrong_address_text:
	.asciz	"vmbase: this image was loaded at another address than it was linked for\n"

/* Flat segments, marked as used already, so that the processor does not write to them. */
	.balign	8
gdt:
	.quad	0
	.quad	0x00af9b000000ffff
	.quad	0x00cf93000000ffff
gdt_pointer:
	.word	. - gdt - 1
	.quad	gdt

	.section .bss.noinit, "aw", @nobits
	.balign	4096
boot_tables:
	.skip	3 * 4096
