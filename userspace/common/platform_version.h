/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_PLATFORM_VERSION_H
#define COMMON_PLATFORM_VERSION_H

#define PLATFORM_VERSION "1.0.0"

/*
 * Whether PLATFORM_VERSION meets REQUIREMENT: comparisons with commas between them, as Cargo has them ("~1.0", ">=0.9, <2", "1").  1: it
 * does; 0: it does not; -EINVAL: REQUIREMENT is none.  Pure; thread-safe.
 */
int platform_version_meets(const char *requirement);

#endif
