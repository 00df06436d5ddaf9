/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/refusal.h"

#include <stdarg.h>
#include <stdio.h>

#include "common/log.h"

int turn_down(struct refusal *refusal, enum evm_status status, const char *format, ...)
{
	va_list args;

	refusal->status = status;
	va_start(args, format);
	vsnprintf(refusal->text, sizeof(refusal->text), format, args);
	va_end(args);
	return evm_status_errno(status);
}

void log_refusal(enum evm_status status, const char *text)
{
	log_write(status == EVM_STATUS_GUEST ? LOG_LEVEL_INFO : LOG_LEVEL_ERROR, "%s", text);
}
