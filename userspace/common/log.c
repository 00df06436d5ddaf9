/* SPDX-License-Identifier: Apache-2.0 */
#include "common/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 1000 }; /* the kernel cuts a record of /dev/kmsg at 1024 - prefix (printk: PRINTKRB_RECORD_MAX) */

static struct {
	const char *name;
	int kmsg; /* descriptor of /dev/kmsg, or -1 */
	enum log_level max;
	log_sink sink;
	void *sink_data;
} log_state = { .name = "early_vm", .kmsg = -1, .max = LOG_LEVEL_INFO };

void log_open(const char *name, enum log_target target, enum log_level max)
{
	log_state.name = name;
	log_state.max = max;
	if (log_state.kmsg >= 0) {
		close(log_state.kmsg);
		log_state.kmsg = -1;
	}
	if (target == LOG_TO_KMSG)
		log_state.kmsg = open("/dev/kmsg", O_WRONLY | O_CLOEXEC | O_NOCTTY);
}

void log_set_sink(log_sink sink, void *data)
{
	log_state.sink = sink;
	log_state.sink_data = data;
}

static const char *level_word(enum log_level level)
{
	switch (level) {
	case LOG_LEVEL_ERROR:
		return "error: ";
	case LOG_LEVEL_WARNING:
		return "warning: ";
	case LOG_LEVEL_INFO:
	case LOG_LEVEL_DEBUG:
		break;
	}
	return "";
}

/* One write() for a line, so that lines of several processes don't mix. */
static void write_line(int fd, const char *prefix, const char *name, const char *word, const char *message)
{
	char line[LINE_MAX_BYTES];
	int n = snprintf(line, sizeof(line), "%s%s: %s%s\n", prefix, name, word, message);

	if (n >= (int)sizeof(line)) {
		n = sizeof(line) - 1;
		line[n - 1] = '\n';
	}
	if (n > 0 && write(fd, line, (size_t)n) < 0)
		return; /* there is nowhere left to say it */
}

/* What is quoted in a message may be anyone's words: they must not look like a line of their own, nor steer a terminal. */
static void make_one_line(char *message)
{
	for (; *message; message++)
		if ((unsigned char)*message < 0x20 || *message == 0x7f)
			*message = '?';
}

void log_writev(enum log_level level, const char *format, va_list args)
{
	char message[LINE_MAX_BYTES - 100], prefix[8] = "";
	int saved = errno;

	if (level > log_state.max)
		return;
	vsnprintf(message, sizeof(message), format, args);
	make_one_line(message);
	if (log_state.sink) {
		log_state.sink(log_state.sink_data, level, message);
	} else if (log_state.kmsg >= 0) {
		snprintf(prefix, sizeof(prefix), "<%d>", (int)level);
		write_line(log_state.kmsg, prefix, log_state.name, level_word(level), message);
	} else {
		write_line(STDERR_FILENO, "", log_state.name, level_word(level), message);
	}
	errno = saved;
}

void log_write(enum log_level level, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_writev(level, format, args);
	va_end(args);
}
