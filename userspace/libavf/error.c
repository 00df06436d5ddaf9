/* SPDX-License-Identifier: Apache-2.0 */
#include "libavf/error.h"

#include <stdarg.h>
#include <stdio.h>

#include "early_vm/client.h"

static _Thread_local char words[EVM_MAX_TEXT_BYTES + 1];

int avf_fail(int error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	return error;
}

const char *evm_error(void)
{
	return words;
}
