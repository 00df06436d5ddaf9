// SPDX-License-Identifier: Apache-2.0
#include "vmbase/smccc.h"

#include <stddef.h>

#include "arch.h"

/* Callees of the convention's first version may change x4 .. x17. */
#define CALL(instruction, function, arguments)                                                                    \
	static const struct smccc_arguments none;                                                                  \
	const struct smccc_arguments *a = (arguments) ? (arguments) : &none;                                       \
	register uint64_t x0 __asm__("x0") = (function);                                                           \
	register uint64_t x1 __asm__("x1") = a->x1;                                                                \
	register uint64_t x2 __asm__("x2") = a->x2;                                                                \
	register uint64_t x3 __asm__("x3") = a->x3;                                                                \
	register uint64_t x4 __asm__("x4") = a->x4;                                                                \
	register uint64_t x5 __asm__("x5") = a->x5;                                                                \
	register uint64_t x6 __asm__("x6") = a->x6;                                                                \
	register uint64_t x7 __asm__("x7") = a->x7;                                                                \
	__asm__ volatile(instruction " #0"                                                                         \
			 : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3), "+r"(x4), "+r"(x5), "+r"(x6), "+r"(x7)          \
			 :                                                                                         \
			 : "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17", "cc", "memory");    \
	return (struct smccc_result) { x0, x1, x2, x3 }

struct smccc_result smccc_hvc(uint32_t function, const struct smccc_arguments *arguments)
{
	CALL("hvc", function, arguments);
}

struct smccc_result smccc_smc(uint32_t function, const struct smccc_arguments *arguments)
{
	CALL("smc", function, arguments);
}

/* The entry code left its finding there (entry.S). */
struct smccc_result smccc_call(uint32_t function, const struct smccc_arguments *arguments)
{
	return read_sysreg(tpidr_el1) == 0 ? smccc_hvc(function, arguments) : smccc_smc(function, arguments);
}
