/* SPDX-License-Identifier: Apache-2.0 */
#include "libavf/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

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
