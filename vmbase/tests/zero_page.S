/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starts another guest as crosvm starts a kernel: QEMU enters here by PVH, and this goes on at the first byte of the
 * guest's image in long mode, with everything identity-mapped, interrupts off, and rsi = a zero page that holds two
 * ranges of memory and what the PVH structure has of a command line and of ACPI.  The guest's ELF file is put into
 * memory by QEMU (-device loader).
 */
#define GUEST      0x200000 /* where guests for x86_64 are linked, unless they are built otherwise */
#define ZERO_PAGE  0x7000   /* crosvm's places for this, the stack and the tables */
#define STACK      0x8000
#define TABLES     0x9000

	.section .note.pvh, "a", @note
	.balign	4
	.long	4, 4, 18
	.asciz	"Xen"
	.long	start

	.text
	.code32
	.global	start
start:
	cld
	movl	$ZERO_PAGE, %edi
	movl	$(5 * 4096 / 4), %ecx
	xorl	%eax, %eax
	rep stosl
	movl	24(%ebx), %eax                  /* cmdline_paddr */
	movl	%eax, ZERO_PAGE + 0x228
	movl	32(%ebx), %eax                  /* rsdp_paddr */
	movl	%eax, ZERO_PAGE + 0x70
	movb	$2, ZERO_PAGE + 0x1e8
	movl	$memory_map, %esi
	movl	$(ZERO_PAGE + 0x2d0), %edi
	movl	$(2 * 20), %ecx
	rep movsb

	movl	$(TABLES + 0x1003), TABLES
	movl	$(TABLES + 0x2003), TABLES + 0x1000
	movl	$(TABLES + 0x2000), %edi
	movl	$0x83, %eax
1:	movl	%eax, (%edi)
	addl	$8, %edi
	addl	$0x200000, %eax
	cmpl	$0x40000083, %eax
	jne	1b

	movl	$(1 << 5), %eax                 /* CR4.PAE */
	movl	%eax, %cr4
	movl	$TABLES, %eax
	movl	%eax, %cr3
	movl	$0xc0000080, %ecx               /* EFER.LME */
	movl	$(1 << 8), %eax
	xorl	%edx, %edx
	wrmsr
	movl	$(1 << 31 | 1), %eax            /* CR0.PG, CR0.PE */
	movl	%eax, %cr0
	lgdt	gdt_pointer
	ljmp	$0x10, $2f

	.code64
2:	movl	$0x18, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	$STACK, %esp
	movl	$ZERO_PAGE, %esi
	movl	$GUEST, %eax
	jmp	*%rax

memory_map:
	.quad	0, 0x9fc00
	.long	1
	.quad	0x100000, 0x7f00000
	.long	1

/* crosvm has code at 0x10 and data at 0x18, which are not vmbase's own selectors. */
	.balign	8
gdt:
	.quad	0, 0
	.quad	0x00af9b000000ffff
	.quad	0x00cf93000000ffff
gdt_pointer:
	.word	. - gdt - 1
	.long	gdt
