/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls to the hypervisor or firmware of aarch64: SMC Calling Convention (Arm DEN0028).  There are none on x86_64.
 *
 * A caller has to know that a function is there before it calls it: an implementation that lacks it answers
 * SMCCC_NOT_SUPPORTED, but where nothing handles HVC or SMC at all, the instruction is an exception.  PSCI, by which
 * vmbase itself ends the guest, is there on every machine that it runs on; psci.h says which functions it has, and by that
 * whether SMCCC_VERSION may be asked (DEN0028, appendix A).
 *
 * Thread-safe; they may be called in exception handlers.  Memory may be changed by a call: no access is moved across it.
 */
#ifndef VMBASE_SMCCC_H
#define VMBASE_SMCCC_H

#ifndef __aarch64__
#error "vmbase/smccc.h is for aarch64"
#endif

#include <stdint.h>

/*
 * Function identifiers (DEN0028, section 2.5): bit 31, a fast call; bit 30, 64-bit arguments; bits 29..24, the owner of the
 * service (0 Arm, 4 standard secure, 5 standard hypervisor, 6 vendor's hypervisor, ...); bits 15..0, the function.
 */
#define SMCCC_FAST_CALL_32(owner, function) (0x80000000u | (uint32_t)(owner) << 24 | (function))
#define SMCCC_FAST_CALL_64(owner, function) (0xc0000000u | (uint32_t)(owner) << 24 | (function))

#define SMCCC_VERSION SMCCC_FAST_CALL_32(0, 0) /* result: major << 16 | minor */

/* Results that are an error are negative numbers of 32 bits, in the low half of x0: compare (int32_t)result.x0. */
#define SMCCC_SUCCESS           0
#define SMCCC_NOT_SUPPORTED     (-1)
#define SMCCC_NOT_REQUIRED      (-2)
#define SMCCC_INVALID_PARAMETER (-3)

/* x1 .. x7.  A function of the 32-bit kind takes their low halves alone. */
struct smccc_arguments {
	uint64_t x1, x2, x3, x4, x5, x6, x7;
};

struct smccc_result {
	uint64_t x0, x1, x2, x3;
};

/*
 * Each makes one call, by the instruction of its name.  ARGUMENTS: NULL, all are 0; it is only read.
 *
 *	smccc_call(TRNG_RND64, &(struct smccc_arguments){ .x1 = 64 })
 */
struct smccc_result smccc_hvc(uint32_t function, const struct smccc_arguments *arguments);
struct smccc_result smccc_smc(uint32_t function, const struct smccc_arguments *arguments);

/*
 * The same by the instruction that reaches PSCI and its like: HVC for a guest that was started at EL1, SMC for one that was
 * started at EL2, where no hypervisor handles a HVC.  The entry code has found out which.
 */
struct smccc_result smccc_call(uint32_t function, const struct smccc_arguments *arguments);

#endif
