/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why a VM ended.  The numbers are those of Android's AIDL enum DeathReason (packages/modules/Virtualization,
 * android.system.virtualizationcommon.DeathReason), so that they mean the same to clients that come from there.
 * 9 and 10 were dropped by Android later and keep their place here.
 */
#ifndef EARLY_VM_DEATH_REASON_H
#define EARLY_VM_DEATH_REASON_H

#include <stdbool.h>
#include <stdint.h>

/*
 * X(NAME, NUMBER, FROM_GUEST, STOP): the guest itself may report a reason with FROM_GUEST, by its name, through the failure
 * pipe.  STOP is what it is called as an AVirtualMachineStopReason (android/virtualization.h), which tells fewer apart.
 */
#define EVM_DEATH_REASONS(X)                                                                       \
	X(INFRASTRUCTURE_ERROR, 0, false, INFRASTRUCTURE_ERROR)                                    \
	X(KILLED, 1, false, KILLED)                                                                \
	X(UNKNOWN, 2, false, UNKNOWN)                                                              \
	X(SHUTDOWN, 3, false, SHUTDOWN)                                                            \
	X(START_FAILED, 4, false, START_FAILED)                                                    \
	X(REBOOT, 5, false, REBOOT)                                                                \
	X(CRASH, 6, false, CRASH)                                                                  \
	X(PVM_FIRMWARE_PUBLIC_KEY_MISMATCH, 7, true, PVM_FIRMWARE_PUBLIC_KEY_MISMATCH)             \
	X(PVM_FIRMWARE_INSTANCE_IMAGE_CHANGED, 8, true, PVM_FIRMWARE_INSTANCE_IMAGE_CHANGED)       \
	X(BOOTLOADER_PUBLIC_KEY_MISMATCH, 9, true, UNRECOGNISED)                                   \
	X(BOOTLOADER_INSTANCE_IMAGE_CHANGED, 10, true, UNRECOGNISED)                               \
	X(MICRODROID_FAILED_TO_CONNECT_TO_VIRTUALIZATION_SERVICE, 11, true, UNRECOGNISED)          \
	X(MICRODROID_PAYLOAD_HAS_CHANGED, 12, true, UNRECOGNISED)                                  \
	X(MICRODROID_PAYLOAD_VERIFICATION_FAILED, 13, true, UNRECOGNISED)                          \
	X(MICRODROID_INVALID_PAYLOAD_CONFIG, 14, true, UNRECOGNISED)                               \
	X(MICRODROID_UNKNOWN_RUNTIME_ERROR, 15, true, UNRECOGNISED)                                \
	X(HANGUP, 16, true, HANGUP)                                                                \
	X(WATCHDOG_REBOOT, 17, false, UNRECOGNISED)                                                \
	X(HOST_SHUTDOWN, 18, false, UNRECOGNISED)

enum evm_death_reason {
#define X(name, number, from_guest, stop) EVM_DEATH_##name = number,
	EVM_DEATH_REASONS(X)
#undef X
};

/* The name of REASON without a prefix ("SHUTDOWN"), or "UNRECOGNISED" for a number that is none.  Static; thread-safe. */
const char *evm_death_reason_name(uint32_t reason);

/* Whether NAME is one that a guest may report; then it is stored in RET, which is otherwise untouched.  Thread-safe. */
bool evm_death_reason_from_guest(const char *name, enum evm_death_reason *ret);

#endif
