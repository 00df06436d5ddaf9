/* SPDX-License-Identifier: Apache-2.0 */
/*
 * early_vm_init: loads the policy before anything else runs, as PID 1 or as a service that runs once.
 *
 * As PID 1 it must not exit: whatever happens it hands over to the next init, or waits (boot.h).
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "common/option_problem.h"
#include "common/platform_policy.h"
#include "common/process_setup.h"
#include "common/standard_output.h"
#include "common/version.h"
#include "init/boot.h"
#include "init/policy_change.h"
#include "init/privileges.h"
#include "init/exec_proof.h"
#include "init/supervise.h"

static const char usage[] =
	"usage: early_vm_init [--policy FILE] [--check | --resolve | --reload | --seal] [--kmsg] [--verbose]\n"
	"\n"
	"Enforces, until the next boot, which binary may start which early VM under which CID\n"
	"(/{partition}/etc/avf/early_vms*.xml).\n"
	"\n"
	"  --policy FILE  the platform's policy instead of " PLATFORM_POLICY_DEFAULT_FILE "\n"
	"  --check        read and check the files, print what would be enforced, load nothing\n"
	"  --resolve      add to the loaded policy what is listed since (a partition was mounted)\n"
	"  --reload       replace the loaded policy, without a moment in which it does not hold\n"
	"  --seal         seal the loaded policy until the next boot\n"
	"  --kmsg         messages to the kernel log instead of standard error\n"
	"  --verbose      also debug messages, and the verifier log where the kernel rejects the policy\n"
	"  --help         this text\n"
	"  --version      print the version\n"
	"\n"
	"As PID 1 (init=/sbin/early_vm_init) it takes early_vm.next=PATH, early_vm.policy=FILE and\n"
	"early_vm.verbose from the kernel command line, and executes the next init.\n"
	"Exit codes: early_vm_init(8).\n";

static void open_log(bool kmsg, bool verbose)
{
	log_open("early_vm_init", kmsg ? LOG_TO_KMSG : LOG_TO_STDERR, verbose ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO);
}

/* Says what is wrong with the command line. */
static int usage_error(const char *word, const char *problem)
{
	fprintf(stderr, "early_vm_init: %s: %s; see --help\n", word, problem);
	return EVM_EXIT_USAGE;
}

static int run_as_service(int argc, char **argv)
{
	/* clang-format off */
	static const struct option long_options[] = {
		{ "policy", required_argument, NULL, 'p' }, { "check", no_argument, NULL, 'c' },
		{ "resolve", no_argument, NULL, 'r' },      { "reload", no_argument, NULL, 'l' },
		{ "seal", no_argument, NULL, 's' },         { "kmsg", no_argument, NULL, 'k' },
		{ "verbose", no_argument, NULL, 'v' },      { "help", no_argument, NULL, 'h' },
		{},
	};
	/* clang-format on */
	enum evm_exit_code (*command)(const char *policy_file) = NULL;
	struct loader_options options = {};
	int commands = 0;
	bool kmsg = false;
	int option;

	for (const char *word = argv[1]; (option = getopt_long(argc, argv, "+:", long_options, NULL)) != -1;
	     word = argv[optind]) {
		switch (option) {
		case 'p':
			options.policy_file = optarg;
			break;
		case 'c':
			options.check_only = true;
			commands++;
			break;
		case 'r':
			command = policy_change_resolve;
			commands++;
			break;
		case 'l':
			command = policy_change_reload;
			commands++;
			break;
		case 's':
			command = policy_change_seal;
			commands++;
			break;
		case 'k':
			kmsg = true;
			break;
		case 'v':
			options.verbose = true;
			break;
		case 'h':
			fputs(usage, stdout);
			return standard_output_end(EVM_EXIT_OK);
		default:
			return usage_error(word, option_problem(option, word));
		}
	}
	if (optind < argc)
		return usage_error(argv[optind], "unexpected argument");
	if (commands > 1)
		return usage_error("--check, --resolve, --reload, --seal", "the options exclude each other");
	open_log(kmsg, options.verbose);
	if (!options.check_only && !privileges_suffice())
		return EVM_EXIT_FAILURE;
	if (command)
		return command(options.policy_file);
	return supervise(&options);
}

_Noreturn static void run_as_init(char **argv)
{
	_cleanup_(boot_parameters_free) struct boot_parameters parameters = {};
	struct loader_options options = { .is_pid_1 = true };

	open_log(false, false); /* /dev/kmsg may not be there yet */
	boot_mount();
	process_setup(); /* /dev/null is there now */
	boot_lift_kmsg_limit();
	boot_read_parameters(&parameters);
	open_log(true, parameters.verbose);
	options.policy_file = parameters.policy;
	options.verbose = parameters.verbose;
	supervise(&options);
	boot_restore_kmsg_limit();
	boot_hand_over(&parameters, argv);
	/* Exiting would be a kernel panic that hides the reason. */
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	/* Without standard descriptors it goes on: KVM must be closed all the same. */
	process_setup();
	if (argc == 2 && !strcmp(argv[1], PROVE_EXEC_ARGUMENT))
		return prove_exec_task();
	if (getpid() == 1)
		run_as_init(argv);
	open_log(false, false);
	if (version_asked(argc, argv, "early_vm_init"))
		return standard_output_end(EVM_EXIT_OK);
	return run_as_service(argc, argv);
}
