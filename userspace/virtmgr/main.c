/* SPDX-License-Identifier: Apache-2.0 */
/* early_virtmgr: manages the early VMs of the client that starts it. */
#include "common/log.h"
#include "common/process_setup.h"
#include "common/standard_output.h"
#include "common/version.h"
#include "virtmgr/options.h"
#include "virtmgr/process.h"
#include "virtmgr/service.h"

int main(int argc, char *argv[])
{
	struct options options;

	/* Or the sockets and files of VMs would get the numbers of standard streams, and with them messages of VMMs. */
	if (process_setup() < 0)
		return EVM_EXIT_FAILURE;
	log_open("early_virtmgr", LOG_TO_STDERR, LOG_LEVEL_INFO);
	if (version_asked(argc, argv, "early_virtmgr"))
		return standard_output_end(EVM_EXIT_OK);
	if (options_parse(argc, argv, &options) < 0)
		return EVM_EXIT_USAGE;
	if (options.help) {
		options_print_help();
		return standard_output_end(EVM_EXIT_OK);
	}
	if (process_lift_memlock() < 0 || process_adopt_orphans() < 0)
		return EVM_EXIT_FAILURE;
	return service_run("", &options);
}
