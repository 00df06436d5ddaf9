/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For guests of a few instructions.  The same source is a guest for 32 bits and for 64: addresses are below 4 GiB, and
 * writing a 32-bit register clears the upper half of the 64-bit one.
 */
/* clang-format off */
#include "vmm/x86_64/layout_ports.h"

	/* The entry of ELF files, and of QEMU (PVH: Xen's docs/misc/pvh.pandoc; 32-bit code only). */
	.macro payload_entry
	.globl _start
#ifndef __x86_64__
	.section .note.pvh, "a", @note
	.long 4, 4, 18 /* sizes of name and value; XEN_ELFNOTE_PHYS32_ENTRY */
	.asciz "Xen"
	.long _start
#endif
	.text
_start:	cld
	.endm

	/* Writes the string at TEXT to the serial port at PORT. */
	.macro print port, text
	mov	$\port, %edx
	mov	$\text, %esi
1:	lodsb
	test	%al, %al
	jz	2f
	out	%al, %dx
	jmp	1b
2:
	.endm

	/* An interrupt without a descriptor table: the processor gives up. */
	.macro triple_fault
	lidt	empty_table
	int3
	.endm

	.section .rodata
empty_table:
	.fill	10, 1, 0
	.text

	/* QEMU's microvm has no sleep port: the triple fault ends it (-no-reboot), with the same exit code. */
	.macro power_off
	mov	$PORT_SLEEP_CONTROL, %edx
	mov	$(SLEEP_ENABLE << 8), %eax
	out	%ax, %dx
	triple_fault
	.endm

	/* QEMU's microvm has no keyboard controller: there too the triple fault does it. */
	.macro reset
	mov	$PORT_KEYBOARD_COMMAND, %edx
	mov	$KEYBOARD_RESET, %al
	out	%al, %dx
	triple_fault
	.endm
