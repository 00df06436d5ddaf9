/* SPDX-License-Identifier: Apache-2.0 */
/*
 * early_vmctl: shows what is enforced, what runs, what was refused, and why.
 */
#include "common/log.h"
#include "common/process_setup.h"
#include "common/standard_output.h"
#include "common/version.h"
#include "ctl/ctl.h"

int main(int argc, char **argv)
{
	if (process_setup() < 0)
		return EVM_EXIT_FAILURE;
	log_open("early_vmctl", LOG_TO_STDERR, LOG_LEVEL_INFO);
	if (version_asked(argc, argv, "early_vmctl"))
		return standard_output_end(EVM_EXIT_OK);
	return ctl_run(argc, argv);
}
