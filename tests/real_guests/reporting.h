/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_REAL_GUESTS_REPORTING_H
#define TESTS_REAL_GUESTS_REPORTING_H

#include <android/virtualization.h>

/* The guest of CONFIG will tell that it started; if it does not, it is taken for hung. */
void expect_report(AVirtualMachineRawConfig *config);

#endif
