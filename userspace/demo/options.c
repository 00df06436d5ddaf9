/* SPDX-License-Identifier: Apache-2.0 */
#include "demo/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "common/count.h"
#include "common/log.h"
#include "common/number.h"
#include "common/option_problem.h"

void demo_options_print_help(void)
{
	fputs("usage: vm_demo_native_early --kernel FILE [options]\n"
	      "       vm_demo_native_early --config FILE [options]\n"
	      "\n"
	      "Starts one early VM, waits until it ends and says why.  This binary must be listed for the VM's name in\n"
	      "early_vms.xml.\n"
	      "  --name NAME            the VM's name in early_vms.xml (default: vm_demo_native_early)\n"
	      "  --config FILE          a configuration in JSON, as Android's `vm run' has it, instead of the other options but\n"
	      "                         --name, --vm-instance-id, --console and --detect-hangup\n"
	      "  --kernel FILE          the kernel image\n"
	      "  --load-kernel-as-bootloader\n"
	      "                         the image is a firmware or a boot loader\n"
	      "  --initrd FILE          an initial RAM disk\n"
	      "  --params TEXT          the kernel's command line\n"
	      "  --memory-size-mib N    memory in MiB (default: 256)\n"
	      "  --protected            a protected VM, whose memory the host can't read\n"
	      "  --cpu-topology WHICH   one-cpu (default), match-host, or cpu-count=N; with underscores, too\n"
	      "  --vm-instance-id FILE  the VM's instance ID, 64 bytes\n"
	      "  --console FILE         what the guest writes on its console is appended to FILE; - is standard output (default)\n"
	      "  --detect-hangup        the payload reports that it started; a VM whose payload does not do so in time is killed\n"
	      "  --help                 this text\n"
	      "  --version              print the version\n"
	      "\n"
	      "Options of other launchers that are known and not supported: --rpc-services-config, --custom-pvmfw, --allow-ffa.\n"
	      "\n"
	      "Exit codes: 0 the guest shut down, 1 failure, 2 wrong usage, 9 not listed, 10 a VM with this CID runs already,\n"
	      "11 the VMM could not be started, 12 the VM ended for another reason.\n",
	      stdout);
}

static int parse_count(const char *option, const char *text, uint32_t *ret)
{
	if (number_parse(text, 1, INT32_MAX, ret) == 0)
		return 0;
	log_error("--%s: '%s' is not a number from 1 to %d", option, text, INT32_MAX);
	return -EINVAL;
}

/* Whether TEXT is WORD, with a hyphen or an underscore for each hyphen of WORD. */
static bool is_word(const char *text, const char *word)
{
	while (*word && (*text == *word || (*word == '-' && *text == '_')))
		text++, word++;
	return !*text && !*word;
}

static int parse_topology(const char *text, struct demo_options *options)
{
	static const char *const counts[] = { "cpu-count=", "cpu_count=" };

	options->vcpu_count = 0;
	options->match_host_cpus = is_word(text, "match-host");
	if (options->match_host_cpus || is_word(text, "one-cpu"))
		return 0;
	for (size_t i = 0; i < COUNT(counts); i++)
		if (!strncmp(text, counts[i], strlen(counts[i])))
			return parse_count("cpu-topology cpu-count", text + strlen(counts[i]), &options->vcpu_count);
	log_error("--cpu-topology: '%s' is none of one-cpu, match-host, cpu-count=N", text);
	return -EINVAL;
}

/* What launchers on Android have, and why there is no VM without it here. */
static int refuse_unsupported(int option)
{
	static const struct {
		int option;
		const char *name, *reason;
	} unsupported[] = {
		{ 'R', "rpc-services-config", "binder services of a guest need Android's service manager" },
		{ 'W', "custom-pvmfw", "a firmware for protected VMs can't be chosen" },
		{ 'F', "allow-ffa", "FF-A is not available to early VMs" },
	};

	for (size_t i = 0; i < COUNT(unsupported); i++)
		if (unsupported[i].option == option)
			log_error("--%s is not supported: %s", unsupported[i].name, unsupported[i].reason);
	return -EINVAL;
}

static int take(int option, struct demo_options *options)
{
	/* clang-format off */
	const struct {
		int option;
		const char **text;
		bool *flag;
	} simple[] = {
		{ 'n', &options->name, NULL }, { 'C', &options->config, NULL }, { 'k', &options->kernel, NULL }, { 'i', &options->initrd, NULL },
		{ 'p', &options->params, NULL }, { 'c', &options->console, NULL }, { 'I', &options->instance_id, NULL },
		{ 'P', NULL, &options->protected_vm }, { 'H', NULL, &options->detect_hangup },
		{ 'B', NULL, &options->kernel_is_bootloader }, { 'h', NULL, &options->help },
	};
	/* clang-format on */

	for (size_t i = 0; i < COUNT(simple); i++) {
		if (simple[i].option != option)
			continue;
		if (simple[i].text)
			*simple[i].text = optarg;
		else
			*simple[i].flag = true;
		return 0;
	}
	if (option == 'm')
		return parse_count("memory-size-mib", optarg, &options->memory_mib);
	return option == 't' ? parse_topology(optarg, options) : refuse_unsupported(option);
}

static bool configures_the_vm(const struct demo_options *options)
{
	return options->kernel || options->initrd || options->params || options->memory_mib || options->vcpu_count ||
	       options->match_host_cpus || options->protected_vm || options->kernel_is_bootloader;
}

static int check(int argc, char *const argv[], const struct demo_options *options)
{
	if (options->help)
		return 0;
	if (optind < argc)
		log_error("unexpected argument '%s'; see --help", argv[optind]);
	else if (options->config && configures_the_vm(options))
		log_error(
			"--config: can't be combined with --kernel, --initrd, --params and other options that configure the VM; see --help");
	else if (!options->config && !options->kernel)
		log_error("--kernel or --config is missing; see --help");
	else if (options->kernel_is_bootloader && (options->initrd || options->params))
		log_error("--load-kernel-as-bootloader: a boot loader gets neither --initrd nor --params");
	else
		return 0;
	return -EINVAL;
}

int demo_options_parse(int argc, char *const argv[], struct demo_options *ret)
{
	static const struct option known[] = {
		{ "name", required_argument, NULL, 'n' },
		{ "config", required_argument, NULL, 'C' },
		{ "kernel", required_argument, NULL, 'k' },
		{ "initrd", required_argument, NULL, 'i' },
		{ "params", required_argument, NULL, 'p' },
		{ "memory-size-mib", required_argument, NULL, 'm' },
		{ "protected", no_argument, NULL, 'P' },
		{ "cpu-topology", required_argument, NULL, 't' },
		{ "console", required_argument, NULL, 'c' },
		{ "detect-hangup", no_argument, NULL, 'H' },
		{ "load-kernel-as-bootloader", no_argument, NULL, 'B' },
		{ "vm-instance-id", required_argument, NULL, 'I' },
		{ "rpc-services-config", required_argument, NULL, 'R' },
		{ "custom-pvmfw", required_argument, NULL, 'W' },
		{ "allow-ffa", no_argument, NULL, 'F' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct demo_options options = { .console = "-" };
	const char *word = argv[1];
	int option;

	optind = 0; /* start anew, also for a second call */
	opterr = 0;
	while ((option = getopt_long(argc, argv, "+:", known, NULL)) != -1) {
		if (option == '?' || option == ':') {
			log_error("%s: %s; see --help", word, option_problem(option, word));
			return -EINVAL;
		}
		if (take(option, &options) < 0)
			return -EINVAL;
		word = argv[optind];
	}
	if (check(argc, argv, &options) < 0)
		return -EINVAL;
	*ret = options;
	return 0;
}
