/* SPDX-License-Identifier: Apache-2.0 */
/* An attacker's dynamic loader: the kernel starts it in the place of the one that a listed program names. */
#include "intrude.h"

void _start(void) __attribute__((noreturn));

void _start(void)
{
	intrude();
}
