/* SPDX-License-Identifier: Apache-2.0 */
#include "init/processor_idle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"

int processor_idle_parse(const char *line, long ticks_per_second, uint64_t *ret_ms)
{
	unsigned long long idle, waiting;

	/* The lines of single processors begin with "cpu" and a number. */
	if (ticks_per_second <= 0 || strncmp(line, "cpu ", 4) != 0 ||
	    sscanf(line, "cpu %*u %*u %*u %llu %llu", &idle, &waiting) != 2)
		return -EBADMSG;
	*ret_ms = (idle + waiting) * 1000 / (unsigned long long)ticks_per_second;
	return 0;
}

int processor_idle_ms(uint64_t *ret_ms)
{
	/* The first line has at most ten numbers. */
	char text[256];
	ssize_t n;
	_cleanup_close_ int fd = open("/proc/stat", O_RDONLY | O_CLOEXEC);

	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n < 0)
		return -errno;
	text[n] = '\0';
	return processor_idle_parse(text, sysconf(_SC_CLK_TCK), ret_ms);
}
