/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIBAVF_ERROR_H
#define LIBAVF_ERROR_H

#include "early_vm/types.h"

/* Keeps a message for evm_error() in this thread, and returns ERROR: return avf_fail(-EINVAL, "..."). */
int avf_fail(int error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Keeps the manager's STATUS for evm_error_status(), too, and returns -EIO. */
int avf_fail_status(enum evm_status status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Writes a warning to standard error.  A client whose standard error nobody reads gets no SIGPIPE. */
void avf_warn(const char *text);

#endif
