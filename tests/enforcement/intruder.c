/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A library that an attacker wants to run inside a listed program (LD_PRELOAD and its like): it opens /dev/kvm before
 * the program does anything, and ends it with what came of that.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "outcome.h"

unsigned int la_version(unsigned int version);

/* What makes it a library that LD_AUDIT takes (rtld-audit(7)). */
unsigned int la_version(unsigned int version)
{
	return version;
}

__attribute__((constructor)) static void intrude(void)
{
	_exit(open("/dev/kvm", O_RDWR) < 0 ? OUTCOME_ALLOWED + errno : OUTCOME_INTRUDED);
}
