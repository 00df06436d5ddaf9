/* SPDX-License-Identifier: Apache-2.0 */
/* Tells the host of a panic: on QEMU's microvm by pvpanic's port, on crosvm by the PCI device. */
#include "payload.h"

#define PORT_PVPANIC 0x505 /* QEMU's ISA device; nothing is there on crosvm */
#define BAR_0 0x10

	payload_entry
	mov	$PORT_PVPANIC, %edx
	mov	$1, %al
	out	%al, %dx

	mov	$0x80000000, %ebx /* the configuration space of bus 0, device 0 */
1:	mov	%ebx, %eax
	mov	$PORT_PCI_ADDRESS, %edx
	out	%eax, %dx
	mov	$PORT_PCI_DATA, %edx
	in	%dx, %eax
	cmp	$PVPANIC_PCI_ID, %eax
	je	2f
	add	$0x800, %ebx /* the next device */
	cmp	$0x80010000, %ebx
	jb	1b
	jmp	3f

2:	lea	BAR_0(%ebx), %eax
	mov	$PORT_PCI_ADDRESS, %edx
	out	%eax, %dx
	mov	$PORT_PCI_DATA, %edx
	in	%dx, %eax
	and	$~0xf, %eax
	movb	$1, (%eax)
3:	hlt
	jmp	3b
