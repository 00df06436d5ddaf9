/* SPDX-License-Identifier: Apache-2.0 */
/* vm_demo_native_early: starts one early VM and waits for its end. */
#include "common/log.h"
#include "common/process_setup.h"
#include "common/standard_output.h"
#include "common/version.h"
#include "demo/demo.h"

int main(int argc, char *argv[])
{
	struct demo_options options;

	if (process_setup() < 0)
		return EVM_EXIT_FAILURE;
	log_open("vm_demo_native_early", LOG_TO_STDERR, LOG_LEVEL_INFO);
	if (version_asked(argc, argv, "vm_demo_native_early"))
		return standard_output_end(EVM_EXIT_OK);
	if (demo_options_parse(argc, argv, &options) < 0)
		return EVM_EXIT_USAGE;
	if (options.help) {
		demo_options_print_help();
		return standard_output_end(EVM_EXIT_OK);
	}
	return demo_run(&options);
}
