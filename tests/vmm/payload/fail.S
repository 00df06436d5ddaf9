/* SPDX-License-Identifier: Apache-2.0 */
/* Says on the second serial port why it fails, and resets. */
#include "payload.h"

	payload_entry
	print	PORT_SERIAL_2, reason
	reset

	.section .rodata
reason:	.asciz	"PVM_FIRMWARE_PUBLIC_KEY_MISMATCH"
