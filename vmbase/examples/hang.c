// SPDX-License-Identifier: Apache-2.0
/*
 * A guest that never ends and never says anything more, for whoever has to notice that.
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
