// SPDX-License-Identifier: Apache-2.0
#include <stddef.h>

#include "vmbase/psci.h"

#include "arch.h"
#include "machine.h"

/* Arm DEN0098 */
#define TRNG_VERSION SMCCC_FAST_CALL_32(4, 0x50)
#define TRNG_RND64   SMCCC_FAST_CALL_64(4, 0x53)

static bool trng(uint64_t *word)
{
	struct smccc_result result = smccc_call(TRNG_RND64, &(struct smccc_arguments){ .x1 = 64 });

	*word = result.x3;
	return result.x0 == 0;
}

/* RNDR, by its encoding, which assemblers for older processors refuse; it sets Z when it has nothing to give. */
static bool rndr(uint64_t *word)
{
	uint64_t value;
	uint32_t given;

	__asm__ volatile("mrs %0, s3_3_c2_c4_0\n\tcset %w1, ne" : "=r"(value), "=r"(given) : : "cc");
	*word = value;
	return given;
}

/* The convention's own way to ask: an unknown call must not be made before it is known that there is an answer. */
static bool has_trng(void)
{
	return psci_version() >= 0x10000 && psci_features(SMCCC_VERSION) >= 0 &&
	       (int32_t)smccc_call(SMCCC_VERSION, NULL).x0 >= 0x10001 &&
	       (int32_t)smccc_call(TRNG_VERSION, NULL).x0 >= 0x10000;
}

random_source arch_random_source(void)
{
	if (has_trng())
		return trng;
	return read_sysreg(id_aa64isar0_el1) >> 60 ? rndr : NULL;
}
