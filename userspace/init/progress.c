/* SPDX-License-Identifier: Apache-2.0 */
#include "init/progress.h"

#include <stdio.h>

#include "common/clock.h"
#include "common/log.h"

static struct progress load;

bool progress_line(struct progress *progress, uint64_t now_us, size_t done, size_t all, char *ret, size_t bytes)
{
	char parts[64] = "";

	if (!progress->step || now_us < progress->last_line_us + PROGRESS_INTERVAL_US)
		return false;
	progress->last_line_us = now_us;
	if (all)
		snprintf(parts, sizeof(parts), " (%zu of %zu)", done, all);
	else if (done)
		snprintf(parts, sizeof(parts), " (%zu so far)", done);
	snprintf(ret, bytes, "%llu s so far: %s%s", (unsigned long long)(now_us - progress->begin_us) / 1000000,
		 progress->step, parts);
	return true;
}

void progress_begin(void)
{
	load.begin_us = load.last_line_us = clock_us(CLOCK_MONOTONIC);
	load.step = "starting";
}

void progress_step(const char *words)
{
	if (!load.step)
		return;
	load.step = words;
	progress_point(0, 0);
}

void progress_point(size_t done, size_t all)
{
	char line[PROGRESS_LINE_BYTES];

	if (load.step && progress_line(&load, clock_us(CLOCK_MONOTONIC), done, all, line, sizeof(line)))
		log_info("%s", line);
}
