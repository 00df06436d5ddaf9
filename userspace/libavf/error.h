/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIBAVF_ERROR_H
#define LIBAVF_ERROR_H

/* Keeps words for evm_error() of this thread, and returns ERROR: return avf_fail(-EINVAL, "..."). */
int avf_fail(int error, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
