/* SPDX-License-Identifier: Apache-2.0 */
/* How long the machine's processors had nothing to do. */
#ifndef INIT_PROCESSOR_IDLE_H
#define INIT_PROCESSOR_IDLE_H

#include <stdint.h>

/*
 * Takes the first line of /proc/stat (proc(5): "cpu", then counts of ticks, of which TICKS_PER_SECOND are a second; the fourth is
 * idle time, the fifth idle time while I/O was outstanding).  RET_MS is the sum of both, over all processors.  -EBADMSG: not such a line.
 */
int processor_idle_parse(const char *line, long ticks_per_second, uint64_t *ret_ms);

/* The same of this machine, now, in milliseconds since the kernel's start.  A negative errno: /proc/stat can't be read or understood. */
int processor_idle_ms(uint64_t *ret_ms);

#endif
