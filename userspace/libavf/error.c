/* SPDX-License-Identifier: Apache-2.0 */
#include "libavf/error.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "early_vm/client.h"

static _Thread_local struct {
	enum evm_status status;
	char message[EVM_MAX_TEXT_BYTES + 1];
} last;

static void keep(enum evm_status status, const char *format, va_list args)
{
	last.status = status;
	vsnprintf(last.message, sizeof(last.message), format, args);
}

int avf_fail(int error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	keep(EVM_STATUS_OK, format, args);
	va_end(args);
	return error;
}

int avf_fail_status(enum evm_status status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	keep(status, format, args);
	va_end(args);
	return -EIO;
}

const char *evm_error(void)
{
	return last.message;
}

enum evm_status evm_error_status(void)
{
	return last.status;
}

void avf_warn(const char *text)
{
	static const struct timespec none;
	sigset_t pipe, pending, old;

	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	sigpending(&pending);
	pthread_sigmask(SIG_BLOCK, &pipe, &old);
	/* One that was pending before is not this one's. */
	if (dprintf(STDERR_FILENO, "libavf: warning: %s\n", text) < 0 && errno == EPIPE &&
	    !sigismember(&pending, SIGPIPE))
		sigtimedwait(&pipe, NULL, &none);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}
