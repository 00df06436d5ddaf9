// SPDX-License-Identifier: Apache-2.0
/*
 * A guest that meets an error.  With reason=TEXT on its command line it gives that as its failure reason (one of
 * Android's, say); else it panics, with the failure reason of a panic.
 */
#include "vmbase/boot_info.h"
#include "vmbase/console.h"
#include "vmbase/vmbase.h"

void main(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	char reason[128];

	(void)arg0, (void)arg1, (void)arg2, (void)arg3;
	if (!boot_option(vmbase_boot_info()->command_line, "reason", reason, sizeof(reason)))
		vmbase_panic("%d is not the answer", 41);
	console_printf("failing: %s\n", reason);
	vmbase_failure_reason("%s", reason);
	vmbase_reboot();
}
