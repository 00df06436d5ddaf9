/* SPDX-License-Identifier: Apache-2.0 */
/*
 * early_vmctl: what is enforced, what runs, what was refused, and why.
 */
#include "ctl/ctl.h"

int main(int argc, char **argv)
{
	return ctl_run(argc, argv);
}
