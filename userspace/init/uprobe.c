/* SPDX-License-Identifier: Apache-2.0 */
#include "init/uprobe.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/cleanup.h"

int uprobe_type(uint32_t *ret)
{
	_cleanup_fclose_ FILE *file = fopen(UPROBE_TYPE_FILE, "re");

	if (!file)
		return -errno;
	return fscanf(file, "%u", ret) == 1 ? 0 : -EIO;
}

int uprobe_open(uint32_t type, const char *path)
{
	struct perf_event_attr attr = {
		.type = type,
		.size = sizeof(attr),
		.disabled = 1,
		.uprobe_path = (uint64_t)(uintptr_t)path,
	};
	long fd = syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);

	return fd < 0 ? -errno : (int)fd;
}
