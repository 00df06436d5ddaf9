/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_AIDL_TABLE_H
#define TESTS_AIDL_TABLE_H

#include <stdio.h>

/* Writes docs/virtualization_aidl.md: what the library's tables say. */
void aidl_table_write(FILE *file);

#endif
