/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_REAL_GUESTS_REPORTING_H
#define TESTS_REAL_GUESTS_REPORTING_H

#include <android/virtualization.h>

/* The guest of CONFIG will tell that it started; if it does not, it is taken for hung. */
void expect_report(AVirtualMachineRawConfig *config);

/* CONFIG starts the firmware FD, which it takes over, instead of a kernel. */
void set_bootloader(AVirtualMachineRawConfig *config, int fd);

/*
 * Gives CONFIG two disks of partitions, from files of the working directory: a read-only one with the partitions "system" and "vendor", a
 * writable one with "data".  -1: a file can't be opened, or the partitions are refused.
 */
int add_partitions(AVirtualMachineRawConfig *config);

/* The guest's command line: write=data. */
void order_write(AVirtualMachineRawConfig *config);

#endif
