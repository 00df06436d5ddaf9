/* SPDX-License-Identifier: Apache-2.0 */
/* Says hello and does nothing more, for ever. */
#include "payload.h"

	payload_entry
	print	PORT_SERIAL_1, hello
1:	hlt
	jmp	1b

	.section .rodata
hello:	.asciz	"hello\n"
