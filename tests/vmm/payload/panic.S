/* SPDX-License-Identifier: Apache-2.0 */
/* Tells the host of a panic. */
#include "payload.h"

	payload_entry
	mov	$PORT_PVPANIC, %edx
	mov	$1, %al
	out	%al, %dx
1:	hlt
	jmp	1b
