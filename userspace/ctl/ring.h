/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reading end of a BPF ring buffer, mapped into this process (Documentation/bpf/ringbuf.rst,
 * kernel/bpf/ringbuf.c).
 *
 * A ring buffer has one position up to which it was read, shared by all: an event goes to one reader.  Not thread-safe.
 */
#ifndef CTL_RING_H
#define CTL_RING_H

#include <stddef.h>
#include <stdint.h>

struct ring {
	unsigned long *consumer;       /* what was read; written by us */
	const unsigned long *producer; /* what was written */
	const unsigned char *data;     /* mapped twice in a row, so that no record has a gap */
	size_t bytes;                  /* of the data; a power of two */
};

/* Maps the ring buffer FD.  0 or a negative errno; FD may be closed afterwards, but is needed to wait for events. */
int ring_open(int fd, struct ring *ret);
void ring_close(struct ring *ring);

/*
 * Copies the next record into RECORD, of BYTES: what is longer is cut, what is shorter is followed by zeros.
 * 1: there was one; 0: there is none now; -EBADMSG: the ring buffer is broken.
 */
int ring_next(struct ring *ring, void *record, size_t bytes);

#endif
