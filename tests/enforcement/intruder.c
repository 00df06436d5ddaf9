/* SPDX-License-Identifier: Apache-2.0 */
/* A library that an attacker wants to get into a listed program, by LD_PRELOAD and its like. */
#include "intrude.h"

unsigned int la_version(unsigned int version);

/* What makes it a library that LD_AUDIT takes (rtld-audit(7)). */
unsigned int la_version(unsigned int version)
{
	return version;
}

__attribute__((constructor)) static void begin(void)
{
	intrude();
}
