/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls to the hypervisor or firmware: SMC Calling Convention (Arm DEN0028), PSCI (DEN0022), TRNG (DEN0098).
 */
#ifndef VMBASE_SMCCC_H
#define VMBASE_SMCCC_H

#include <stdint.h>

#define SMCCC_VERSION      0x80000000u
#define PSCI_VERSION       0x84000000u
#define PSCI_SYSTEM_OFF    0x84000008u
#define PSCI_SYSTEM_RESET  0x84000009u
#define PSCI_FEATURES      0x8400000au
#define TRNG_VERSION       0x84000050u
#define TRNG_RND64         0xc4000053u

struct smccc_result {
	uint64_t x0, x1, x2, x3;
};

/* One call, with one argument, by HVC or SMC as the entry code found out. */
struct smccc_result smccc_call(uint32_t function, uint64_t argument);

#endif
