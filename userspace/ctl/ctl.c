/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/ctl.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/count.h"
#include "common/log.h"
#include "common/option_problem.h"
#include "common/standard_output.h"
#include "ctl/commands.h"
#include "ctl/policy_kernel.h"

/* Options as bits: each command has the set that it takes. */
enum {
	NO_OPTION = 1, /* what getopt_long returns for an argument that is no option */
	OPTION_JSON = 1 << 1,
	OPTION_ONCE = 1 << 2,
	OPTION_POLICY = 1 << 3,
	OPTION_ROOT = 1 << 4,
	OPTION_LABEL = 1 << 5,
	OPTION_BINARY = 1 << 6,
	OPTION_WHILE = 1 << 7,
	OPTION_OP = 1 << 8,
	OPTION_CID = 1 << 9,
	OPTION_HELP = 1 << 10,
	OPTION_TRY = 1 << 11,
	FILE_OPTIONS = OPTION_POLICY | OPTION_ROOT,
	EXPLAIN_OPTIONS = FILE_OPTIONS | OPTION_LABEL | OPTION_BINARY | OPTION_WHILE | OPTION_OP | OPTION_CID,
};

static const struct command {
	const char *name;
	ctl_command run;
	int takes;
	enum output_shape shape;
	const char *help;
} commands[] = {
	{ "status", ctl_status, OPTION_TRY, OUTPUT_FORM,
	  "is the policy enforced, what is attached, how many refusals" },
	{ "rules", ctl_rules, 0, OUTPUT_TABLE, "the executables that have a rule" },
	{ "cids", ctl_cids, 0, OUTPUT_TABLE, "the listed CIDs and their clients" },
	{ "tasks", ctl_tasks, 0, OUTPUT_TABLE, "the labelled threads" },
	{ "refusals", ctl_refusals, 0, OUTPUT_TABLE, "the newest refusals, newest last" },
	{ "log", ctl_log, OPTION_ONCE, OUTPUT_STREAM, "refusals as they occur, until interrupted" },
	{ "explain", ctl_explain, EXPLAIN_OPTIONS, OUTPUT_TABLE, "how the policy decides a request, and why" },
	{ "vms", ctl_vms, OPTION_ROOT, OUTPUT_TABLE, "the early VMs of all managers" },
	{ "drop", ctl_drop, OPTION_CID, OUTPUT_FORM, "release a held VM; stops it if its client is gone" },
	{ "check", ctl_check, FILE_OPTIONS, OUTPUT_TABLE, "read and check the files, as early_vm_init does" },
	{ "doctor", ctl_doctor, 0, OUTPUT_TABLE, "what this system lacks for the policy, and what to do" },
};

/* clang-format off */
static const struct option long_options[] = {
	{ "json", no_argument, NULL, OPTION_JSON },           { "once", no_argument, NULL, OPTION_ONCE },
	{ "policy", required_argument, NULL, OPTION_POLICY }, { "root", required_argument, NULL, OPTION_ROOT },
	{ "label", required_argument, NULL, OPTION_LABEL },   { "binary", required_argument, NULL, OPTION_BINARY },
	{ "while", required_argument, NULL, OPTION_WHILE },   { "op", required_argument, NULL, OPTION_OP },
	{ "cid", required_argument, NULL, OPTION_CID },       { "help", no_argument, NULL, OPTION_HELP },
	{ "try", no_argument, NULL, OPTION_TRY },             {},
};
/* clang-format on */

static void print_usage(FILE *file)
{
	fputs("usage: early_vmctl COMMAND [--json] [options]\n\n", file);
	for (size_t i = 0; i < COUNT(commands); i++)
		fprintf(file, "  %-9s  %s\n", commands[i].name, commands[i].help);
	fputs("\n"
	      "status:         --try              open the devices too: is this process refused, and counted?\n"
	      "log:            --once             show the buffered events, then exit\n"
	      "explain:        --label ROLE[:CLIENT]  the task's label: none, client:1, manager:1, vmm:1, kvm_user\n"
	      "                --binary PATH      the task executes this file (repeatable: a chain)\n"
	      "                --while FACT       during every execution: traced, user_ns, mount_ns,\n"
	      "                                   no_new_privs, not_elf, interpreted, shared_fs\n"
	      "                                   (repeatable)\n"
	      "                --op OP [--cid N]  its request: open, receive, create_vm, vsock_ioctl,\n"
	      "                                   claim, start, bind, bind_cid\n"
	      "drop:           --cid N            the CID of the VM\n"
	      "explain, check: --policy FILE      the platform's policy file; explain uses the files, not the loaded policy\n"
	      "..., vms:       --root DIR         the files of the system below DIR\n"
	      "\n"
	      "--json: the output as JSON; --version prints the version.  Exit codes and columns: early_vmctl(8).\n",
	      file);
}

/* Reports a mistake in the command line; returns -EINVAL. */
static int __attribute__((format(printf, 1, 2))) usage_error(const char *format, ...)
{
	va_list args;

	fputs("early_vmctl: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputs(" (see early_vmctl --help)\n", stderr);
	return -EINVAL;
}

static int append(const char **list, size_t *count, size_t max, const char *option)
{
	if (*count == max)
		return usage_error("--%s is given too many times", option);
	list[(*count)++] = optarg;
	return 0;
}

static int take_option(int option, struct ctl_options *options)
{
	switch (option) {
	case OPTION_JSON:
		options->json = true;
		return 0;
	case OPTION_ONCE:
		options->once = true;
		return 0;
	case OPTION_TRY:
		options->try = true;
		return 0;
	case OPTION_POLICY:
		options->policy = optarg;
		options->from_files = true;
		return 0;
	case OPTION_ROOT:
		options->root = optarg;
		options->from_files = true;
		return 0;
	case OPTION_LABEL:
		options->label = optarg;
		return 0;
	case OPTION_OP:
		options->op = optarg;
		return 0;
	case OPTION_CID:
		options->cid = optarg;
		return 0;
	case OPTION_BINARY:
		return append(options->binaries, &options->binary_count, MAX_BINARIES, "binary");
	case OPTION_WHILE:
		return append(options->facts, &options->fact_count, MAX_FACTS, "while");
	}
	return -EINVAL;
}

static const struct command *command_named(const char *name)
{
	for (size_t i = 0; i < COUNT(commands); i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

/* Rejects options of SEEN that the command does not take. */
static int check_options(const struct command *command, int seen)
{
	for (const struct option *option = long_options; option->name; option++)
		if (seen & option->val & ~(command->takes | OPTION_JSON))
			return usage_error("--%s is no option of this command", option->name);
	return 0;
}

/* The command: the only word that is no option. */
static int take_word(const char *word, const struct command **command)
{
	if (*command)
		return usage_error("unexpected argument '%s'", word);
	*command = command_named(word);
	return *command ? 0 : usage_error("'%s' is no command", word);
}

/* Returns 0, 1 (help was asked for) or -EINVAL (said). */
static int read_command_line(int argc, char **argv, struct ctl_options *options, const struct command **ret)
{
	const struct command *command = NULL;
	int option, seen = 0, r, word = 1;

	/* "-": arguments that are no options are returned in their order, so that argv[word] is always the one that is looked at. */
	while ((option = getopt_long(argc, argv, "-:", long_options, NULL)) != -1) {
		if (option == OPTION_HELP)
			return 1;
		if (option == '?' || option == ':')
			r = usage_error("%s: %s", argv[word], option_problem(option, argv[word]));
		else if (option == NO_OPTION)
			r = take_word(optarg, &command);
		else
			r = take_option(option, options);
		if (r < 0)
			return r;
		seen |= option == NO_OPTION ? 0 : option;
		word = optind;
	}
	for (; optind < argc; optind++)
		if (take_word(argv[optind], &command) < 0)
			return -EINVAL;
	if (!command)
		return usage_error("a command is missing");
	*ret = command;
	return check_options(command, seen);
}

enum evm_exit_code ctl_run(int argc, char **argv)
{
	struct ctl_options options = { .root = "" };
	const struct command *command = NULL;
	struct output output;
	int r = read_command_line(argc, argv, &options, &command);

	if (r > 0) {
		print_usage(stdout);
		return standard_output_end(EVM_EXIT_OK);
	}
	if (r < 0)
		return EVM_EXIT_USAGE;
	output = (struct output){ .file = stdout, .json = options.json, .shape = command->shape };
	output_choose_colour(&output);
	return command->run(&options, &output);
}

enum evm_exit_code ctl_exit_code(int error)
{
	switch (error) {
	case -ENOENT:
		return EVM_EXIT_NO_POLICY;
	case -EUCLEAN:
		return EVM_EXIT_TAMPERED;
	}
	return EVM_EXIT_FAILURE;
}

enum evm_exit_code ctl_end(struct output *output, enum evm_exit_code code)
{
	int r = output_end(output);

	/* The reader has seen enough, as in `| head'. */
	if (r && r != -EPIPE) {
		log_error("can't write: %s", strerror(-r));
		return EVM_EXIT_FAILURE;
	}
	return code == EVM_EXIT_OK && policy_kernel_tampered() ? EVM_EXIT_TAMPERED : code;
}
