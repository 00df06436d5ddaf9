/* SPDX-License-Identifier: Apache-2.0 */
/* Says hello and powers off. */
#include "payload.h"

	payload_entry
	print	PORT_SERIAL_1, hello
	power_off

	.section .rodata
hello:	.asciz	"hello\n"
