/* SPDX-License-Identifier: Apache-2.0 */
/*
 * early_vmctl: what is enforced, what runs, what was refused, and why.
 */
#include "common/process_setup.h"
#include "common/version.h"
#include "ctl/ctl.h"

int main(int argc, char **argv)
{
	if (process_setup() < 0)
		return EVM_EXIT_FAILURE;
	if (version_asked(argc, argv, "early_vmctl"))
		return EVM_EXIT_OK;
	return ctl_run(argc, argv);
}
