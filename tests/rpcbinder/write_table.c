/* SPDX-License-Identifier: Apache-2.0 */
/* Writes docs/virtualization_aidl.md to standard output. */
#include "../unit/aidl_table.h"

int main(void)
{
	aidl_table_write(stdout);
	return fflush(stdout) == 0 ? 0 : 1;
}
