/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing to a descriptor that may belong to others too, without waiting for its reader.
 */
#ifndef COMMON_WRITE_NOWAIT_H
#define COMMON_WRITE_NOWAIT_H

#include <stddef.h>
#include <sys/types.h>

/*
 * Writes DATA to FD with one system call, without blocking on a full pipe, socket or terminal, and without changing the
 * open file description, whose flags others share.  A regular file is written as usual.
 *
 * Returns how many bytes were written (a stream may take a part of them), -EAGAIN where nothing was written because there is no room,
 * or another negative errno of write(2) (-EPIPE: there is no reader; SIGPIPE must be ignored).  Thread-safe.
 */
ssize_t write_nowait(int fd, const void *data, size_t bytes);

#endif
