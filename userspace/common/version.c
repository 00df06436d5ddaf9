/* SPDX-License-Identifier: Apache-2.0 */
#include "common/version.h"

#include <stdio.h>
#include <string.h>

bool version_asked(int argc, char *const argv[], const char *program)
{
	if (argc != 2 || strcmp(argv[1], "--version"))
		return false;
	printf("%s %s\n", program, EARLY_VM_VERSION);
	return true;
}
