/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compares the pins below EVM_PIN_DIR with the programs and maps that are attached.
 */
#ifndef CTL_PIN_COMPARE_H
#define CTL_PIN_COMPARE_H

#include "ctl/loaded_policy.h"

/* Fills in what POLICY says of the pins, from the rest of it.  Logs nothing; thread-safe. */
void pin_compare(struct loaded_policy *policy);

#endif
