/* SPDX-License-Identifier: Apache-2.0 */
/* Sends back what it reads from the first serial port, up to and with the first newline; then powers off. */
#include "payload.h"

	payload_entry
	mov	$PORT_SERIAL_1, %ebx
1:	lea	5(%ebx), %edx /* line status: bit 0 says that there is a byte */
	in	%dx, %al
	test	$1, %al
	jz	1b
	mov	%ebx, %edx
	in	%dx, %al
	out	%al, %dx
	cmp	$'\n', %al
	jne	1b
	power_off
