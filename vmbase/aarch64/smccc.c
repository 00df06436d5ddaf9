// SPDX-License-Identifier: Apache-2.0
#include "smccc.h"

#include "vmbase/vmbase.h"

#include "arch.h"
#include "machine.h"

struct smccc_result smccc_call(uint32_t function, uint64_t argument)
{
	register uint64_t x0 __asm__("x0") = function;
	register uint64_t x1 __asm__("x1") = argument;
	register uint64_t x2 __asm__("x2") = 0;
	register uint64_t x3 __asm__("x3") = 0;

	/* Callees of the convention's first version may change x4 .. x17 too. */
#define CALL(instruction) \
	__asm__ volatile(instruction " #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3) :: "x4", "x5", "x6", "x7", "x8", "x9", \
			 "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17", "memory")
	if (read_sysreg(tpidr_el1) == 0)
		CALL("hvc");
	else
		CALL("smc");
	return (struct smccc_result){ x0, x1, x2, x3 };
}

/* Neither call returns; what does not know them leaves nothing to be done. */
static _Noreturn void end(uint32_t function)
{
	smccc_call(function, 0);
	for (;;)
		__asm__ volatile("wfi");
}

void vmbase_shutdown(void)
{
	end(PSCI_SYSTEM_OFF);
}

void vmbase_reboot(void)
{
	end(PSCI_SYSTEM_RESET);
}

void arch_reset(void)
{
	end(PSCI_SYSTEM_RESET);
}
