/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Serial ports, for output alone, polled.
 */
#ifndef VMBASE_UART_H
#define VMBASE_UART_H

#include <stdint.h>

struct uart;

struct uart_driver {
	void (*init)(const struct uart *uart);
	void (*put)(const struct uart *uart, char c);
};

struct uart {
	const struct uart_driver *driver;
	uintptr_t base; /* address of its registers: memory on aarch64, ports on x86_64 */
};

/* 8250 and compatible, byte-wide registers next to each other (National Semiconductor PC16550D). */
extern const struct uart_driver uart_8250;

/* Arm PrimeCell PL011 (DDI 0183). */
extern const struct uart_driver uart_pl011;

#endif
