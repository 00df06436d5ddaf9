/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIBAVF_STOP_REASON_H
#define LIBAVF_STOP_REASON_H

#include <android/virtualization.h>

/* The reason of Android's C interface for DEATH, an enum evm_death_reason or a number of a newer manager.  Pure. */
enum AVirtualMachineStopReason stop_reason_of(uint32_t death);

#endif
