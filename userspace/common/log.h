/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Log messages: one line each, with a level, to standard error or to the kernel log.
 *
 * A message is logged once, at the lowest level of code that knows the reason; callers return the error and log nothing.  Not thread-safe in log_open (call it first); log_write may be called from any thread.
 *
 * Writing never waits for a reader: a message for which standard error has no room is dropped, and the next one that
 * is written comes after a line that says how many were.
 */
#ifndef COMMON_LOG_H
#define COMMON_LOG_H

#include <stdarg.h>
#include <stdbool.h>

/* Levels are syslog's numbers, so that they can be sent to /dev/kmsg as they are (kernel: include/linux/kern_levels.h). */
enum log_level {
	LOG_LEVEL_ERROR = 3,
	LOG_LEVEL_WARNING = 4,
	LOG_LEVEL_INFO = 6,
	LOG_LEVEL_DEBUG = 7,
};

enum log_target {
	LOG_TO_STDERR,
	LOG_TO_KMSG, /* /dev/kmsg; standard error while that can't be opened */
};

/*
 * Chooses where messages go.  NAME is put before each ("early_vm_init: ..."); it is not copied and must stay valid.
 * Messages with a level number above MAX are dropped.
 */
void log_open(const char *name, enum log_target target, enum log_level max);

/*
 * Writes one message as one line.  Control characters, bytes that are not UTF-8, and characters that hide or turn text
 * are escaped (common/utf8.h); a message that is too long is cut and ends in "...".  Keeps errno.
 */
void log_write(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));
void log_writev(enum log_level level, const char *format, va_list args) __attribute__((format(printf, 2, 0)));

/*
 * Sends messages to SINK instead, for tests and for collecting reports; NULL restores the target of log_open.
 * MESSAGE has no newline and is valid during the call only.
 */
typedef void (*log_sink)(void *data, enum log_level level, const char *message);
void log_set_sink(log_sink sink, void *data);

#define log_error(...)   log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_write(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...)    log_write(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)   log_write(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
