/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why a VM ended.  The numbers are those of Android's AIDL enum DeathReason (packages/modules/Virtualization,
 * android.system.virtualizationcommon.DeathReason).  9 and 10 were removed there later, and are kept here.
 */
#ifndef EARLY_VM_DEATH_REASON_H
#define EARLY_VM_DEATH_REASON_H

#include <stdint.h>

/*
 * X(NAME, NUMBER, FROM_GUEST, STOP): FROM_GUEST is 1 for a reason that the guest itself may report, by its name, through the
 * failure pipe.  STOP is the corresponding AVirtualMachineStopReason (android/virtualization.h).
 */
#define EVM_DEATH_REASONS(X)                                                                       \
	X(INFRASTRUCTURE_ERROR, 0, 0, INFRASTRUCTURE_ERROR)                                      \
	X(KILLED, 1, 0, KILLED)                                                                  \
	X(UNKNOWN, 2, 0, UNKNOWN)                                                                \
	X(SHUTDOWN, 3, 0, SHUTDOWN)                                                              \
	X(START_FAILED, 4, 0, START_FAILED)                                                      \
	X(REBOOT, 5, 0, REBOOT)                                                                  \
	X(CRASH, 6, 0, CRASH)                                                                    \
	X(PVM_FIRMWARE_PUBLIC_KEY_MISMATCH, 7, 1, PVM_FIRMWARE_PUBLIC_KEY_MISMATCH)              \
	X(PVM_FIRMWARE_INSTANCE_IMAGE_CHANGED, 8, 1, PVM_FIRMWARE_INSTANCE_IMAGE_CHANGED)        \
	X(BOOTLOADER_PUBLIC_KEY_MISMATCH, 9, 1, UNRECOGNISED)                                    \
	X(BOOTLOADER_INSTANCE_IMAGE_CHANGED, 10, 1, UNRECOGNISED)                                \
	X(MICRODROID_FAILED_TO_CONNECT_TO_VIRTUALIZATION_SERVICE, 11, 1, UNRECOGNISED)           \
	X(MICRODROID_PAYLOAD_HAS_CHANGED, 12, 1, UNRECOGNISED)                                   \
	X(MICRODROID_PAYLOAD_VERIFICATION_FAILED, 13, 1, UNRECOGNISED)                           \
	X(MICRODROID_INVALID_PAYLOAD_CONFIG, 14, 1, UNRECOGNISED)                                \
	X(MICRODROID_UNKNOWN_RUNTIME_ERROR, 15, 1, UNRECOGNISED)                                 \
	X(HANGUP, 16, 1, HANGUP)                                                                 \
	X(WATCHDOG_REBOOT, 17, 0, UNRECOGNISED)                                                  \
	X(HOST_SHUTDOWN, 18, 0, UNRECOGNISED)

enum evm_death_reason {
#define X(name, number, from_guest, stop) EVM_DEATH_##name = number,
	EVM_DEATH_REASONS(X)
#undef X
};

#ifdef __cplusplus
extern "C" {
#endif

/* The name of REASON without a prefix ("SHUTDOWN"), or "UNRECOGNISED" for a number that is none.  Static; thread-safe. */
const char *evm_death_reason_name(uint32_t reason);

#ifdef __cplusplus
}
#endif

#endif
