// SPDX-License-Identifier: Apache-2.0
#include "vmm/serial.h"

#include <errno.h>
#include <linux/serial_reg.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "vmm/file.h"

void serial_init(struct serial *serial, int output, int input, const struct irq_line *irq, pthread_mutex_t *lock)
{
	*serial = (struct serial){ .output = output, .input = input, .irq = *irq, .lock = lock };
	pthread_cond_init(&serial->room, NULL);
}

/* The cause with the highest rank, as the guest reads it. */
static uint8_t pending_interrupt(const struct serial *serial)
{
	if (serial->fifo_count && (serial->ier & UART_IER_RDI))
		return UART_IIR_RDI;
	if (serial->transmitter_empty && (serial->ier & UART_IER_THRI))
		return UART_IIR_THRI;
	return UART_IIR_NO_INT;
}

static void update_irq(struct serial *serial)
{
	bool level = pending_interrupt(serial) != UART_IIR_NO_INT;

	if (level != serial->irq_level)
		irq_set(&serial->irq, level);
	serial->irq_level = level;
}

static uint8_t take_byte(struct serial *serial)
{
	uint8_t byte;

	if (!serial->fifo_count)
		return 0;
	byte = serial->fifo[serial->fifo_first];
	serial->fifo_first = (serial->fifo_first + 1) % SERIAL_FIFO_BYTES;
	serial->fifo_count--;
	pthread_cond_signal(&serial->room);
	return byte;
}

static uint8_t read_iir(struct serial *serial)
{
	uint8_t cause = pending_interrupt(serial);

	/* Reading it is what ends this cause; the other one ends when the byte is taken. */
	if (cause == UART_IIR_THRI)
		serial->transmitter_empty = false;
	return cause | 0xc0; /* FIFOs enabled */
}

/* Linux finds out by loop-back whether there is a 16550 at all: then the outputs show as inputs. */
static uint8_t read_msr(const struct serial *serial)
{
	if (!(serial->mcr & UART_MCR_LOOP))
		return UART_MSR_DCD | UART_MSR_DSR | UART_MSR_CTS;
	return (serial->mcr & UART_MCR_DTR ? UART_MSR_DSR : 0) | (serial->mcr & UART_MCR_RTS ? UART_MSR_CTS : 0) |
	       (serial->mcr & UART_MCR_OUT1 ? UART_MSR_RI : 0) | (serial->mcr & UART_MCR_OUT2 ? UART_MSR_DCD : 0);
}

static uint8_t read_register(struct serial *serial, uint64_t offset)
{
	bool divisor = serial->lcr & UART_LCR_DLAB;

	switch (offset) {
	case UART_RX:
		return divisor ? serial->divisor[0] : take_byte(serial);
	case UART_IER:
		return divisor ? serial->divisor[1] : serial->ier;
	case UART_IIR:
		return read_iir(serial);
	case UART_LCR:
		return serial->lcr;
	case UART_MCR:
		return serial->mcr;
	case UART_LSR:
		return UART_LSR_TEMT | UART_LSR_THRE | (serial->fifo_count ? UART_LSR_DR : 0);
	case UART_MSR:
		return read_msr(serial);
	default:
		return serial->scratch;
	}
}

static void transmit(struct serial *serial, uint8_t byte)
{
	if (serial->output >= 0)
		write_all(serial->output, &byte, 1);
	/* An edge for each byte: the interrupt controller sees no other. */
	serial->transmitter_empty = false;
	update_irq(serial);
	serial->transmitter_empty = true;
}

static void write_register(struct serial *serial, uint64_t offset, uint8_t value)
{
	bool divisor = serial->lcr & UART_LCR_DLAB;

	switch (offset) {
	case UART_TX:
		if (divisor)
			serial->divisor[0] = value;
		else
			transmit(serial, value);
		break;
	case UART_IER:
		if (divisor) {
			serial->divisor[1] = value;
			break;
		}
		if (!(serial->ier & UART_IER_THRI) && (value & UART_IER_THRI))
			serial->transmitter_empty = true;
		serial->ier = value & 0x0f;
		break;
	case UART_LCR:
		serial->lcr = value;
		break;
	case UART_MCR:
		serial->mcr = value;
		break;
	case UART_SCR:
		serial->scratch = value;
		break;
	}
}

void serial_read(void *device, uint64_t offset, void *data, size_t size)
{
	struct serial *serial = device;

	if (size != 1)
		return;
	*(uint8_t *)data = read_register(serial, offset);
	update_irq(serial);
}

void serial_write(void *device, uint64_t offset, const void *data, size_t size)
{
	struct serial *serial = device;

	if (size != 1)
		return;
	write_register(serial, offset, *(const uint8_t *)data);
	update_irq(serial);
}

static void put_byte(struct serial *serial, uint8_t byte)
{
	pthread_mutex_lock(serial->lock);
	while (serial->fifo_count == SERIAL_FIFO_BYTES)
		pthread_cond_wait(&serial->room, serial->lock);
	serial->fifo[(serial->fifo_first + serial->fifo_count++) % SERIAL_FIFO_BYTES] = byte;
	update_irq(serial);
	pthread_mutex_unlock(serial->lock);
}

static void *carry_input(void *argument)
{
	struct serial *serial = argument;
	uint8_t buffer[256];
	ssize_t n;

	while ((n = read(serial->input, buffer, sizeof(buffer))) > 0 || (n < 0 && errno == EINTR)) {
		for (ssize_t i = 0; i < n; i++)
			put_byte(serial, buffer[i]);
	}
	return NULL;
}

int serial_start(struct serial *serial)
{
	pthread_t thread;
	int error;

	if (serial->input < 0 || !input_can_be_polled(serial->input))
		return 0;
	error = pthread_create(&thread, NULL, carry_input, serial);
	if (error) {
		log_error("a thread for serial input: %s", strerror(error));
		return -error;
	}
	pthread_detach(thread);
	return 0;
}
