/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VIRTMGR_CPU_OPTIONS_H
#define VIRTMGR_CPU_OPTIONS_H

#include <stdbool.h>

/*
 * Whether TEXT is an affinity as crosvm's --cpu-affinity has it: CPUs of the host for all virtual ones, "0,2-3"; or for each
 * virtual one, "0=1:1=2-3".  Pure; thread-safe, as the next.
 */
bool cpu_affinity_is_valid(const char *text);

/* Whether TEXT is a list of names of task profiles, separated by commas. */
bool task_profiles_are_valid(const char *text);

#endif
