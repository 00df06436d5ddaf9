// SPDX-License-Identifier: Apache-2.0
#include "vmbase/psci.h"

#include <stddef.h>

#include "vmbase/vmbase.h"

#include "machine.h"

static int32_t call(uint32_t function, uint64_t x1, uint64_t x2, uint64_t x3)
{
	return (int32_t)smccc_call(function, &(struct smccc_arguments){ .x1 = x1, .x2 = x2, .x3 = x3 }).x0;
}

int32_t psci_version(void)
{
	return call(PSCI_VERSION, 0, 0, 0);
}

int32_t psci_features(uint32_t function)
{
	return call(PSCI_FEATURES, function, 0, 0);
}

int32_t psci_cpu_on(uint64_t target, uint64_t entry, uint64_t context)
{
	return call(PSCI_CPU_ON, target, entry, context);
}

int32_t psci_cpu_off(void)
{
	return call(PSCI_CPU_OFF, 0, 0, 0);
}

int32_t psci_cpu_suspend(uint32_t state, uint64_t entry, uint64_t context)
{
	return call(PSCI_CPU_SUSPEND, state, entry, context);
}

int32_t psci_affinity_info(uint64_t target, uint32_t level)
{
	return call(PSCI_AFFINITY_INFO, target, level, 0);
}

int32_t psci_migrate_info_type(void)
{
	return call(PSCI_MIGRATE_INFO_TYPE, 0, 0, 0);
}

/* What does not know the call leaves nothing to be done. */
static _Noreturn void end(uint32_t function)
{
	call(function, 0, 0, 0);
	for (;;)
		__asm__ volatile("wfi");
}

void psci_system_off(void)
{
	end(PSCI_SYSTEM_OFF);
}

void psci_system_reset(void)
{
	end(PSCI_SYSTEM_RESET);
}

void vmbase_shutdown(void)
{
	psci_system_off();
}

void vmbase_reboot(void)
{
	psci_system_reset();
}

void arch_reset(void)
{
	psci_system_reset();
}
