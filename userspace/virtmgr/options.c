/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/options.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/log.h"
#include "common/number.h"
#include "common/option_problem.h"

enum { MAX_HANGUP_SECONDS = 86400 }; /* as in the platform's file */

void options_print_help(void)
{
	fputs("usage: early_virtmgr --rpc-server-fd N --ready-fd M [options]\n"
	      "\n"
	      "Manages the early VMs of the client that starts it; not to be started by hand.\n"
	      "  --rpc-server-fd N  inherited descriptor of the client's connection: a SOCK_STREAM socket for Android's RPC binder, or\n"
	      "                     SOCK_SEQPACKET for the protocol of libavf\n"
	      "  --ready-fd M       inherited descriptor that gets one byte when requests are taken\n"
	      "  --hangup-seconds N, --hangup-nested-seconds N\n"
	      "                     time until a payload that must report is considered hung, on a host that is a virtual machine\n"
	      "                     itself the second; instead of what the platform's policy file says (default: 60 and 300)\n"
	      "  --aidl-release R   whose interfaces a client has that speaks RPC binder, until its createVm tells: 15q (Android 15\n"
	      "                     QPR2), 16 (the default) or 26 (AOSP of 2026)\n"
	      "  --help             this text\n"
	      "  --version          print the version\n"
	      "\n"
	      "Exit codes: 0 the client closed the connection, 1 failure, 2 wrong usage, 4 the platform's policy file can't be used.\n",
	      stdout);
}

/* Takes over the inherited descriptor that TEXT names. */
static int parse_fd(const char *option, const char *text, int *ret)
{
	uint32_t fd;

	if (number_parse(text, 0, INT_MAX, &fd) < 0) {
		log_error("--%s: '%s' is not the number of a file descriptor", option, text);
		return -EINVAL;
	}
	if (fd <= STDERR_FILENO) {
		log_error("--%s: %u is standard input, output or error; pass another descriptor", option, fd);
		return -EINVAL;
	}
	if (fcntl((int)fd, F_GETFD) < 0) {
		log_error("--%s: %u is not an open file descriptor", option, fd);
		return -EINVAL;
	}
	if (fcntl((int)fd, F_SETFD, FD_CLOEXEC) < 0) {
		log_error("--%s: %u can't be made close-on-exec: %s", option, fd, strerror(errno));
		return -EINVAL;
	}
	*ret = (int)fd;
	return 0;
}

static int parse_seconds(const char *option, const char *text, uint32_t *ret)
{
	if (number_parse(text, 1, MAX_HANGUP_SECONDS, ret) == 0)
		return 0;
	log_error("--%s: '%s' is not a number from 1 to %d", option, text, MAX_HANGUP_SECONDS);
	return -EINVAL;
}

static int parse_release(const char *option, const char *text, enum aidl_release *ret)
{
	if (aidl_release_find(text, ret) == 0)
		return 0;
	log_error("--%s: '%s' is no release; 15q, 16 and 26 are", option, text);
	return -EINVAL;
}

static int check_socket(int fd, bool *ret_speaks_binder)
{
	int type = 0, domain = 0;
	socklen_t size = sizeof(int);

	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) < 0 || domain != AF_UNIX ||
	    getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) < 0 || (type != SOCK_SEQPACKET && type != SOCK_STREAM)) {
		log_error("--rpc-server-fd: %d is not a socket of the kind AF_UNIX, SOCK_SEQPACKET or SOCK_STREAM", fd);
		return -EINVAL;
	}
	*ret_speaks_binder = type == SOCK_STREAM;
	return 0;
}

static int check_both(struct options *options)
{
	if (options->help)
		return 0;
	if (options->rpc_server_fd < 0 || options->ready_fd < 0) {
		log_error("--%s is missing; see --help", options->rpc_server_fd < 0 ? "rpc-server-fd" : "ready-fd");
		return -EINVAL;
	}
	if (options->rpc_server_fd == options->ready_fd) {
		log_error("--rpc-server-fd and --ready-fd are both %d; they must be two descriptors",
			  options->ready_fd);
		return -EINVAL;
	}
	return check_socket(options->rpc_server_fd, &options->speaks_binder);
}

int options_parse(int argc, char *const argv[], struct options *ret)
{
	static const struct option known[] = {
		{ "rpc-server-fd", required_argument, NULL, 's' },
		{ "ready-fd", required_argument, NULL, 'r' },
		{ "hangup-seconds", required_argument, NULL, 'u' },
		{ "hangup-nested-seconds", required_argument, NULL, 'n' },
		{ "aidl-release", required_argument, NULL, 'a' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct options options = { .rpc_server_fd = -1, .ready_fd = -1, .aidl_release = AIDL_16 };
	const char *word = argv[1];
	int option, r = 0;

	optind = 0; /* start anew, also for a second call */
	opterr = 0;
	while (r == 0 && (option = getopt_long(argc, argv, "+:", known, NULL)) != -1) {
		if (option == 's') {
			r = parse_fd("rpc-server-fd", optarg, &options.rpc_server_fd);
		} else if (option == 'r') {
			r = parse_fd("ready-fd", optarg, &options.ready_fd);
		} else if (option == 'u') {
			r = parse_seconds("hangup-seconds", optarg, &options.hangup_seconds);
		} else if (option == 'n') {
			r = parse_seconds("hangup-nested-seconds", optarg, &options.hangup_nested_seconds);
		} else if (option == 'a') {
			r = parse_release("aidl-release", optarg, &options.aidl_release);
		} else if (option == 'h') {
			options.help = true;
		} else {
			log_error("%s: %s; see --help", word, option_problem(option, word));
			return -EINVAL;
		}
		word = argv[optind];
	}
	if (r == 0 && optind < argc) {
		log_error("unexpected argument '%s'; see --help", argv[optind]);
		r = -EINVAL;
	}
	if (r == 0)
		r = check_both(&options);
	if (r == 0)
		*ret = options;
	return r;
}

uint32_t options_hangup_seconds(const struct options *options, const struct platform_policy *policy, bool nested)
{
	uint32_t seconds = nested ? options->hangup_nested_seconds : options->hangup_seconds;

	if (seconds)
		return seconds;
	return nested ? policy->hangup_nested_seconds : policy->hangup_seconds;
}
