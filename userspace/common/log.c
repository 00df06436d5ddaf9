/* SPDX-License-Identifier: Apache-2.0 */
#include "common/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/utf8.h"
#include "common/write_nowait.h"

/* the kernel cuts a record of /dev/kmsg at 1024 - prefix (printk: PRINTKRB_RECORD_MAX) */
enum { LINE_MAX_BYTES = 1000 };

static struct {
	const char *name;
	int kmsg; /* descriptor of /dev/kmsg, or -1 */
	enum log_level max;
	unsigned int suppressed; /* since a line was last written to standard error */
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

static int format_line(char line[LINE_MAX_BYTES], const char *prefix, const char *word, const char *message)
{
	int n = snprintf(line, LINE_MAX_BYTES, "%s%s: %s%s\n", prefix, log_state.name, word, message);

	if (n >= LINE_MAX_BYTES) {
		n = LINE_MAX_BYTES - 1;
		line[n - 1] = '\n';
	}
	return n;
}

/* One write() for a line, so that lines of several processes don't mix.  The kernel log never blocks. */
static void write_to_kmsg(enum log_level level, const char *message)
{
	char line[LINE_MAX_BYTES], prefix[8];
	int n;

	snprintf(prefix, sizeof(prefix), "<%d>", (int)level);
	n = format_line(line, prefix, level_word(level), message);
	if (n > 0 && write(log_state.kmsg, line, (size_t)n) < 0)
		return; /* there is nowhere left to say it */
}

/* Whoever reads standard error must not be able to stop this process by not reading. */
static ssize_t write_to_stderr(enum log_level level, const char *message)
{
	char line[LINE_MAX_BYTES];
	int n = format_line(line, "", level_word(level), message);

	return n > 0 ? write_nowait(STDERR_FILENO, line, (size_t)n) : 0;
}

static void write_or_count(enum log_level level, const char *message)
{
	unsigned int lost = __atomic_exchange_n(&log_state.suppressed, 0, __ATOMIC_RELAXED);
	char text[80];

	if (lost) {
		snprintf(text, sizeof(text), "suppressed %u messages (standard error was not read)", lost);
		if (write_to_stderr(LOG_LEVEL_WARNING, text) == -EAGAIN) {
			__atomic_fetch_add(&log_state.suppressed, lost + 1, __ATOMIC_RELAXED);
			return;
		}
	}
	if (write_to_stderr(level, message) == -EAGAIN)
		__atomic_fetch_add(&log_state.suppressed, 1, __ATOMIC_RELAXED);
}

/* What a message quotes may come from anyone: it must not look like a line of its own, nor steer a terminal. */
static void make_one_line(char *message, bool cut, char *ret, size_t size)
{
	static const char mark[] = "...";
	size_t length = strlen(message);

	/* A character that was cut in two is left out. */
	while (cut && length > 0 && (message[length - 1] & 0x80)) {
		bool is_first_byte = (message[length - 1] & 0x40) != 0;

		message[--length] = '\0';
		if (is_first_byte)
			break;
	}
	if (!utf8_escape(message, ret, size - (sizeof(mark) - 1)) || cut)
		strcat(ret, mark);
}

void log_writev(enum log_level level, const char *format, va_list args)
{
	char raw[LINE_MAX_BYTES - 100], message[sizeof(raw)];
	int saved = errno;
	bool cut;

	if (level > log_state.max)
		return;
	cut = vsnprintf(raw, sizeof(raw), format, args) >= (int)sizeof(raw);
	make_one_line(raw, cut, message, sizeof(message));
	if (log_state.sink)
		log_state.sink(log_state.sink_data, level, message);
	else if (log_state.kmsg >= 0)
		write_to_kmsg(level, message);
	else
		write_or_count(level, message);
	errno = saved;
}

void log_write(enum log_level level, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_writev(level, format, args);
	va_end(args);
}
