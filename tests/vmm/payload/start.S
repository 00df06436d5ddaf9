/* SPDX-License-Identifier: Apache-2.0 */
/* For guests in C: a stack, main, and what main returns decides: NULL powers off, a reason goes to the failure port. */
#include "payload.h"

	payload_entry
	mov	$stack_end, %esp
	call	payload_main
	test	%eax, %eax
	jnz	1f
	power_off

1:	mov	%eax, %esi
	mov	$PORT_SERIAL_2, %edx
2:	lodsb
	test	%al, %al
	jz	3f
	out	%al, %dx
	jmp	2b
3:	reset

	.bss
	.balign	16
	.fill	16384
stack_end:
