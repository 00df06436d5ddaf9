/* SPDX-License-Identifier: Apache-2.0 */
/*
 * early_vmctl: what is enforced, what runs, what was refused, and why.
 */
#include "common/version.h"
#include "ctl/ctl.h"

int main(int argc, char **argv)
{
	if (version_asked(argc, argv, "early_vmctl"))
		return EVM_EXIT_OK;
	return ctl_run(argc, argv);
}
