/* SPDX-License-Identifier: Apache-2.0 */
/* Firmware of 4 KiB: starts in real mode at its last 16 bytes, says hello and powers off. */
#include "vmm/x86_64/layout_ports.h"

	.code16
	.text
begin:	mov	$(0xf000 + hello - begin), %si
	mov	$PORT_SERIAL_1, %dx
	cld
1:	cs lodsb
	test	%al, %al
	jz	2f
	out	%al, %dx
	jmp	1b
2:	mov	$PORT_SLEEP_CONTROL, %dx
	mov	$(SLEEP_ENABLE << 8), %ax
	out	%ax, %dx
3:	hlt
	jmp	3b
hello:	.asciz	"hello from firmware\n"

	/*
	 * The first instruction, at 0xfffffff0.  The code segment begins 64 KiB below 4 GiB, and this file 4 KiB below:
	 * a far jump would lose that base, a near one keeps it.
	 */
	.org	4096 - 16
	jmp	begin
	.org	4096
