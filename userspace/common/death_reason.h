/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_DEATH_REASON_H
#define COMMON_DEATH_REASON_H

#include <stdbool.h>

#include "early_vm/death_reason.h"

/* Whether NAME is a reason that a guest may report.  Then it is stored in RET, which is otherwise untouched.  Thread-safe. */
bool evm_death_reason_from_guest(const char *name, enum evm_death_reason *ret);

#endif
