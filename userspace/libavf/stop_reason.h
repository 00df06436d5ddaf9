/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIBAVF_STOP_REASON_H
#define LIBAVF_STOP_REASON_H

#include <android/virtualization.h>

/* What DEATH, an enum evm_death_reason or a number of a newer manager, is called by Android's C interface.  Pure. */
enum AVirtualMachineStopReason stop_reason_of(uint32_t death);

#endif
