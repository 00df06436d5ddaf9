/* SPDX-License-Identifier: Apache-2.0 */
#include "demo/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/option_problem.h"

void demo_options_print_help(void)
{
	fputs("usage: vm_demo_native_early --kernel FILE [options]\n"
	      "\n"
	      "Starts one early VM, waits until it ends and says why.  This binary must be listed for the VM's name in\n"
	      "early_vms.xml.\n"
	      "  --name NAME            the VM's name in early_vms.xml (default: vm_demo_native_early)\n"
	      "  --kernel FILE          the kernel image\n"
	      "  --initrd FILE          an initial RAM disk\n"
	      "  --params TEXT          the kernel's command line\n"
	      "  --memory-size-mib N    memory in MiB (default: 256)\n"
	      "  --protected            a protected VM, whose memory the host can't read\n"
	      "  --cpu-topology WHICH   one_cpu (default), match_host, or cpu_count=N\n"
	      "  --console FILE         what the guest writes on its console is appended to FILE; - is standard output (default)\n"
	      "  --detect-hangup        the payload reports that it started; a VM whose payload does not do so in time is killed\n"
	      "  --help                 this text\n"
	      "  --version              print the version\n"
	      "\n"
	      "Exit codes: 0 the guest shut down, 1 failure, 2 wrong usage, 9 not listed, 10 a VM with this CID runs already,\n"
	      "11 the VMM could not be started, 12 the VM ended for another reason.\n",
	      stdout);
}

static int parse_number(const char *option, const char *text, uint32_t *ret)
{
	unsigned long long number;
	char *end;

	errno = 0;
	number = strtoull(text, &end, 10);
	if (errno || end == text || *end || *text == '-' || number == 0 || number > UINT32_MAX) {
		log_error("--%s: '%s' is no number from 1 to %u", option, text, UINT32_MAX);
		return -EINVAL;
	}
	*ret = (uint32_t)number;
	return 0;
}

static int parse_topology(const char *text, struct demo_options *options)
{
	static const char count[] = "cpu_count=";

	options->vcpu_count = 0;
	if (!strcmp(text, "one_cpu")) {
		options->cpu_topology = EVM_CPU_ONE;
	} else if (!strcmp(text, "match_host")) {
		options->cpu_topology = EVM_CPU_MATCH_HOST;
	} else if (!strncmp(text, count, strlen(count))) {
		options->cpu_topology = EVM_CPU_COUNT;
		return parse_number("cpu-topology cpu_count", text + strlen(count), &options->vcpu_count);
	} else {
		log_error("--cpu-topology: '%s' is none of one_cpu, match_host, cpu_count=N", text);
		return -EINVAL;
	}
	return 0;
}

static int take(int option, struct demo_options *options)
{
	const struct {
		int option;
		const char **text;
	} texts[] = {
		{ 'n', &options->name }, { 'k', &options->kernel }, { 'i', &options->initrd },
		{ 'p', &options->params }, { 'c', &options->console },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (texts[i].option == option) {
			*texts[i].text = optarg;
			return 0;
		}
	}
	if (option == 'm')
		return parse_number("memory-size-mib", optarg, &options->memory_mib);
	if (option == 't')
		return parse_topology(optarg, options);
	if (option == 'P')
		options->protected_vm = true;
	else if (option == 'H')
		options->detect_hangup = true;
	else
		options->help = true;
	return 0;
}

static int check(int argc, char *const argv[], const struct demo_options *options)
{
	if (optind < argc)
		log_error("unexpected argument '%s'; see --help", argv[optind]);
	else if (!options->kernel && !options->help)
		log_error("--kernel is missing; see --help");
	else
		return 0;
	return -EINVAL;
}

int demo_options_parse(int argc, char *const argv[], struct demo_options *ret)
{
	static const struct option known[] = {
		{ "name", required_argument, NULL, 'n' },
		{ "kernel", required_argument, NULL, 'k' },
		{ "initrd", required_argument, NULL, 'i' },
		{ "params", required_argument, NULL, 'p' },
		{ "memory-size-mib", required_argument, NULL, 'm' },
		{ "protected", no_argument, NULL, 'P' },
		{ "cpu-topology", required_argument, NULL, 't' },
		{ "console", required_argument, NULL, 'c' },
		{ "detect-hangup", no_argument, NULL, 'H' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct demo_options options = { .name = "vm_demo_native_early", .console = "-" };
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
