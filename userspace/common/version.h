/* SPDX-License-Identifier: Apache-2.0 */
/* The version of all programs and of libavf: VERSION in the Makefile. */
#ifndef COMMON_VERSION_H
#define COMMON_VERSION_H

#include <stdbool.h>

/* If --version is the only argument, prints "PROGRAM VERSION" and returns true.  See common/standard_output.h. */
bool version_asked(int argc, char *const argv[], const char *program);

#endif
