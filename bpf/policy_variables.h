/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The variables of an object's programs: the map "state".  There is no other one, so it begins where the map's value does. */
#ifndef BPF_POLICY_VARIABLES_H
#define BPF_POLICY_VARIABLES_H

#include "kernel.h"

struct evm_state state = {};

#endif
