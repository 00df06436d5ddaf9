/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reading end of a BPF ring buffer, mapped into this process (Documentation/bpf/ringbuf.rst,
 * kernel/bpf/ringbuf.c).
 *
 * A ring buffer has one consumer position, shared by all readers: each event goes to only one of them.  Not thread-safe.
 */
#ifndef CTL_RING_BUFFER_H
#define CTL_RING_BUFFER_H

#include <stddef.h>
#include <stdint.h>

struct ring_buffer {
	unsigned long *consumer;       /* consumer position, written by the reader */
	const unsigned long *producer; /* producer position */
	const unsigned char *data;     /* mapped twice in a row, so that every record is contiguous */
	size_t bytes;                  /* of the data; a power of two */
};

/* Maps the ring buffer FD.  Returns 0 or a negative errno.  FD may be closed afterwards, but is needed to poll for events. */
int ring_buffer_open(int fd, struct ring_buffer *ret);
void ring_buffer_close(struct ring_buffer *ring);

/*
 * Copies the next record into the BYTES of RECORD; a longer record is truncated, a shorter one is padded with zeros.
 * Returns 1, 0 (there is none now) or -EBADMSG (the ring buffer is corrupt).
 */
int ring_buffer_next(struct ring_buffer *ring, void *record, size_t bytes);

#endif
