/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_REAL_GUESTS_REPORTING_H
#define TESTS_REAL_GUESTS_REPORTING_H

#include <android/virtualization.h>

/* The guest of CONFIG will tell that it started; if it does not, it is taken for hung. */
void expect_report(AVirtualMachineRawConfig *config);

/* CONFIG starts the firmware FD, which it takes over, instead of a kernel. */
void set_bootloader(AVirtualMachineRawConfig *config, int fd);

#endif
