/* SPDX-License-Identifier: Apache-2.0 */
#include "init/deferred_log.h"

#include <stddef.h>
#include <stdio.h>

#include "common/log.h"

enum { MAX_MESSAGES = 48, MESSAGE_BYTES = 900 };

static struct {
	enum log_level levels[MAX_MESSAGES];
	char messages[MAX_MESSAGES][MESSAGE_BYTES];
	size_t count;
	unsigned int lost;
} kept;

static void keep(void *data, enum log_level level, const char *message)
{
	(void)data;
	if (kept.count == MAX_MESSAGES) {
		kept.lost++;
		return;
	}
	kept.levels[kept.count] = level;
	snprintf(kept.messages[kept.count++], MESSAGE_BYTES, "%s", message);
}

void deferred_log_begin(void)
{
	log_set_sink(keep, NULL);
}

void deferred_log_write(void)
{
	log_set_sink(NULL, NULL);
	for (size_t i = 0; i < kept.count; i++)
		log_write(kept.levels[i], "%s", kept.messages[i]);
	if (kept.lost)
		log_warning("suppressed %u messages", kept.lost);
	deferred_log_forget();
}

void deferred_log_forget(void)
{
	kept.count = 0;
	kept.lost = 0;
}
