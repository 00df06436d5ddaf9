// SPDX-License-Identifier: Apache-2.0
#include "vmbase/uart.h"

#include "arch.h"

/* Registers, and the bits used of them. */
enum { TRANSMIT = 0, INTERRUPTS = 1, FIFO_CONTROL = 2, LINE_CONTROL = 3, MODEM_CONTROL = 4, LINE_STATUS = 5 };
enum { LINE_8_BITS = 3, FIFO_ON_AND_EMPTY = 7, MODEM_DTR_RTS = 3, STATUS_TRANSMIT_EMPTY = 0x20 };

/* A port that is never ready, or absent, must not stop the guest: it may be the failure port. */
#define TRIES 100000

static void init(const struct uart *uart)
{
	uart_out8(uart->base + INTERRUPTS, 0);
	uart_out8(uart->base + LINE_CONTROL, LINE_8_BITS);
	uart_out8(uart->base + FIFO_CONTROL, FIFO_ON_AND_EMPTY);
	uart_out8(uart->base + MODEM_CONTROL, MODEM_DTR_RTS);
}

static void put(const struct uart *uart, char c)
{
	for (int i = 0; i < TRIES && !(uart_in8(uart->base + LINE_STATUS) & STATUS_TRANSMIT_EMPTY); i++)
		;
	uart_out8(uart->base + TRANSMIT, (uint8_t)c);
}

const struct uart_driver uart_8250 = { .init = init, .put = put };
