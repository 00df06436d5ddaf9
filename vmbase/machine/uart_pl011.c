// SPDX-License-Identifier: Apache-2.0
#include "vmbase/uart.h"

/* Registers, and the bits used of them. */
enum { DATA = 0x00, FLAGS = 0x18, CONTROL = 0x30 };
enum { FLAG_TRANSMIT_FULL = 1 << 5, CONTROL_ENABLE = 1 << 0, CONTROL_TRANSMIT = 1 << 8 };

#define TRIES 100000 /* as in uart_8250.c */

static volatile uint32_t *reg(const struct uart *uart, unsigned offset)
{
	return (volatile uint32_t *)(uart->base + offset);
}

static void init(const struct uart *uart)
{
	*reg(uart, CONTROL) = CONTROL_ENABLE | CONTROL_TRANSMIT;
}

static void put(const struct uart *uart, char c)
{
	for (int i = 0; i < TRIES && (*reg(uart, FLAGS) & FLAG_TRANSMIT_FULL); i++)
		;
	*reg(uart, DATA) = (unsigned char)c;
}

const struct uart_driver uart_pl011 = { .init = init, .put = put };
