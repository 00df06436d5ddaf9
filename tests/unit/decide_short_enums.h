/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The decisions, compiled as C11 with short enums (build.mk): what a guest's firmware or another compiler would get.
 * The structures hold no enum, so both sides agree on every argument.
 */
#ifndef TESTS_DECIDE_SHORT_ENUMS_H
#define TESTS_DECIDE_SHORT_ENUMS_H

#include <early_vm/decide.h>

/* The size of an enum there: smaller than an int, or the object was not compiled as it says. */
unsigned int short_enums_size(void);

struct evm_exec_verdict short_enums_exec(struct evm_label now, __u32 client, __u32 kinds, struct evm_exec exec);
__u32 short_enums_access(struct evm_label label, struct evm_access access);

#endif
