/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A 16550 serial port (National Semiconductor PC16550D; Linux: include/uapi/linux/serial_reg.h).  Line speed and modem
 * signals are kept and mean nothing.
 */
#ifndef VMM_SERIAL_H
#define VMM_SERIAL_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmm/irq.h"

enum { SERIAL_REGISTERS = 8, SERIAL_FIFO_BYTES = 16 };

struct serial {
	int output; /* descriptor, -1: none; owned */
	int input;
	struct irq_line irq;
	pthread_mutex_t *lock; /* the devices' lock */
	pthread_cond_t room;   /* in the FIFO */
	uint8_t fifo[SERIAL_FIFO_BYTES];
	size_t fifo_first, fifo_count;
	uint8_t ier, lcr, mcr, scratch;
	uint8_t divisor[2];
	bool transmitter_empty; /* its interrupt is pending */
	bool irq_level;
};

/* Takes both descriptors (-1: none); LOCK is held by the caller of serial_read and serial_write. */
void serial_init(struct serial *serial, int output, int input, const struct irq_line *irq, pthread_mutex_t *lock);

/* Starts the thread that carries input to the guest, where there is any.  0 or a negative errno, logged. */
int serial_start(struct serial *serial);

/* For a bus: registers are bytes. */
void serial_read(void *device, uint64_t offset, void *data, size_t size);
void serial_write(void *device, uint64_t offset, const void *data, size_t size);

#endif
