// SPDX-License-Identifier: Apache-2.0
/*
 * A guest that never ends and prints nothing further, for tests of time-outs.
 */
#include "vmbase/console.h"
#include "vmbase/vmbase.h"

void main(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	(void)arg0, (void)arg1, (void)arg2, (void)arg3;
	console_write("hanging\n");
	for (volatile int forever = 1; forever;)
		;
}
