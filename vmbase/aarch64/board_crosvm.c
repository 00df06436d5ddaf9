// SPDX-License-Identifier: Apache-2.0
/*
 * crosvm: RAM from 0x80000000, four 8250 ports in the first page (crosvm, aarch64/src/lib.rs and arch/src/serial.rs).
 */
#include "machine.h"

const struct uart board_console = { .driver = &uart_8250, .base = VMBASE_CONSOLE_BASE };

const struct boot_range board_devices[] = { { .base = 0, .size = PAGE_SIZE }, { 0 } };

const struct uart *board_failure_port(void)
{
	static const struct uart port = { .driver = &uart_8250, .base = 0x2f8 };

	return &port;
}
