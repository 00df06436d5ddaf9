/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Power State Coordination Interface of aarch64 (Arm DEN0022), over smccc_call.
 *
 * Every function that returns int32_t returns PSCI_SUCCESS, a number that is not negative, or one of the errors.  To end the guest,
 * vmbase_shutdown() and vmbase_reboot() of vmbase.h are portable.  Thread-safe; they may be called in exception handlers.
 */
#ifndef VMBASE_PSCI_H
#define VMBASE_PSCI_H

#include <stdint.h>

#include "vmbase/smccc.h"

/* Function identifiers (DEN0022, section 5.1), for psci_features. */
#define PSCI_VERSION           SMCCC_FAST_CALL_32(4, 0)
#define PSCI_CPU_SUSPEND       SMCCC_FAST_CALL_64(4, 1)
#define PSCI_CPU_OFF           SMCCC_FAST_CALL_32(4, 2)
#define PSCI_CPU_ON            SMCCC_FAST_CALL_64(4, 3)
#define PSCI_AFFINITY_INFO     SMCCC_FAST_CALL_64(4, 4)
#define PSCI_MIGRATE_INFO_TYPE SMCCC_FAST_CALL_32(4, 6)
#define PSCI_SYSTEM_OFF        SMCCC_FAST_CALL_32(4, 8)
#define PSCI_SYSTEM_RESET      SMCCC_FAST_CALL_32(4, 9)
#define PSCI_FEATURES          SMCCC_FAST_CALL_32(4, 10)

/* DEN0022, section 5.2.2 */
enum psci_result {
	PSCI_SUCCESS = 0,
	PSCI_NOT_SUPPORTED = -1,
	PSCI_INVALID_PARAMETERS = -2,
	PSCI_DENIED = -3,
	PSCI_ALREADY_ON = -4,
	PSCI_ON_PENDING = -5,
	PSCI_INTERNAL_FAILURE = -6,
	PSCI_NOT_PRESENT = -7,
	PSCI_DISABLED = -8,
	PSCI_INVALID_ADDRESS = -9,
};

enum psci_affinity_state { PSCI_ON = 0, PSCI_OFF = 1, PSCI_IS_ON_PENDING = 2 };

/* major << 16 | minor */
int32_t psci_version(void);

/* Flags of FUNCTION, or PSCI_NOT_SUPPORTED: there is no such function.  Since PSCI 1.0; also for SMCCC_VERSION. */
int32_t psci_features(uint32_t function);

/*
 * Starts the processor with the affinity TARGET (MPIDR_EL1's fields) at the physical address ENTRY, with CONTEXT in x0, the MMU off.
 * vmbase has no code for a second processor: ENTRY is the guest's, in assembly, and uses nothing of vmbase.
 */
int32_t psci_cpu_on(uint64_t target, uint64_t entry, uint64_t context);

/* Switches the calling processor off.  Returns only if that failed. */
int32_t psci_cpu_off(void);

/* Suspends the calling processor.  STATE: as the platform defines it; one that loses its state goes on at ENTRY, as by psci_cpu_on. */
int32_t psci_cpu_suspend(uint32_t state, uint64_t entry, uint64_t context);

/* enum psci_affinity_state of TARGET.  LEVEL: the lowest affinity level that counts; newer implementations know 0 alone. */
int32_t psci_affinity_info(uint64_t target, uint32_t level);

int32_t psci_migrate_info_type(void);

/* They don't return where PSCI has them; if it has not, the calling processor waits for ever. */
_Noreturn void psci_system_off(void);
_Noreturn void psci_system_reset(void);

#endif
