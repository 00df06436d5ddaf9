/* SPDX-License-Identifier: Apache-2.0 */
/* Uprobes by perf_event_open(2). */
#ifndef INIT_UPROBE_H
#define INIT_UPROBE_H

#include <stdint.h>

#define UPROBE_TYPE_FILE "/sys/bus/event_source/devices/uprobe/type"

/* Gets the perf_event_attr.type of uprobes.  0, or a negative errno: -ENOENT: the kernel has none, or sysfs is not on /sys. */
int uprobe_type(uint32_t *ret);

/*
 * Sets a uprobe, which is not enabled, on the first bytes of the file PATH; the event keeps the file's path and mount in use.
 * Returns a descriptor that the caller closes, or a negative errno.
 */
int uprobe_open(uint32_t type, const char *path);

#endif
