/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIBAVF_UTF8_H
#define LIBAVF_UTF8_H

#include <stdbool.h>

/* Whether TEXT is UTF-8 as RFC 3629 has it: the shortest form, no surrogates, up to U+10FFFF.  Pure; thread-safe. */
bool utf8_is_valid(const char *text);

#endif
