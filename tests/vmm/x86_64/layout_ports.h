/* SPDX-License-Identifier: Apache-2.0 */
/* The I/O ports of an x86_64 guest (layout.h says more): shared with guests in assembly. */
#ifndef VMM_X86_LAYOUT_PORTS_H
#define VMM_X86_LAYOUT_PORTS_H

#define PORT_SERIAL_1 0x3f8
#define PORT_SERIAL_2 0x2f8 /* where a guest says why it failed */
#define PORT_SLEEP_CONTROL 0x604
#define PORT_SLEEP_STATUS 0x605
#define SLEEP_ENABLE 0x20
#define PORT_KEYBOARD_COMMAND 0x64
#define KEYBOARD_RESET 0xfe
#define PORT_RESET 0xcf9
#define PORT_PCI_ADDRESS 0xcf8
#define PORT_PCI_DATA 0xcfc
#define PVPANIC_PCI_ID 0x00111b36 /* device 0x0011, vendor 0x1b36: the first word of its configuration space */

#endif
