/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "demo/options.h"
#include "virtmgr/options.h"
#include "xml_fixture.h"

#define CASE(suite, name) Test(suite, name, .init = fixture_begin, .fini = fixture_end)

enum { SOCKET = 50, READY = 51, STREAM = 52, DATAGRAM = 53 };

/* The descriptors with the numbers above. */
static void make_descriptors(void)
{
	int ends[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	cr_assert_eq(dup2(ends[0], SOCKET), SOCKET);
	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	cr_assert_eq(dup2(ends[0], STREAM), STREAM);
	cr_assert_eq(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends), 0);
	cr_assert_eq(dup2(ends[0], DATAGRAM), DATAGRAM);
	cr_assert_eq(pipe(ends), 0);
	cr_assert_eq(dup2(ends[1], READY), READY);
}

/* Splits LINE at blanks into ARGV. */
static int split(char *line, char *argv[], int max)
{
	int argc = 0;

	for (char *word = strtok(line, " "); word && argc < max - 1; word = strtok(NULL, " "))
		argv[argc++] = word;
	argv[argc] = NULL;
	return argc;
}

static int parse(const char *line, struct options *ret)
{
	char copy[512], *argv[16];

	snprintf(copy, sizeof(copy), "early_virtmgr %s", line);
	return options_parse(split(copy, argv, 16), argv, ret);
}

CASE(virtmgr_options, good)
{
	struct options options;

	make_descriptors();
	cr_assert_eq(parse("--rpc-server-fd 50 --ready-fd 51", &options), 0);
	cr_expect_eq(options.rpc_server_fd, SOCKET);
	cr_expect_eq(options.ready_fd, READY);
	cr_expect_eq(fcntl(SOCKET, F_GETFD), FD_CLOEXEC);
	cr_expect_eq(fcntl(READY, F_GETFD), FD_CLOEXEC);
	cr_expect(options.hangup_seconds == 0 && options.hangup_nested_seconds == 0, "as the platform's file says");
	cr_assert_eq(parse("--hangup-nested-seconds 86400 --rpc-server-fd 50 --ready-fd 51 --hangup-seconds 1",
			   &options),
		     0);
	cr_expect(options.hangup_seconds == 1 && options.hangup_nested_seconds == 86400);
	cr_expect(!options.speaks_binder && options.aidl_release == AIDL_16);
	cr_assert_eq(parse("--rpc-server-fd 52 --ready-fd 51 --aidl-release 15q", &options), 0);
	cr_expect(options.speaks_binder && options.aidl_release == AIDL_15Q, "the kind of the socket tells");
	cr_assert_eq(parse("--help", &options), 0);
	cr_expect(options.help);
}

CASE(virtmgr_options, each_refusal)
{
	static const char *const cases[][2] = {
		{ "", "--rpc-server-fd is missing; see --help\n" },
		{ "--hangup-seconds 0", "--hangup-seconds: '0' is not a number from 1 to 86400\n" },
		{ "--hangup-seconds 1x", "--hangup-seconds: '1x' is not a number from 1 to 86400\n" },
		{ "--hangup-seconds +5", "--hangup-seconds: '+5' is not a number from 1 to 86400\n" },
		{ "--hangup-nested-seconds 86401",
		  "--hangup-nested-seconds: '86401' is not a number from 1 to 86400\n" },
		{ "--rpc-server-fd 50", "--ready-fd is missing; see --help\n" },
		{ "--ready-fd 51", "--rpc-server-fd is missing; see --help\n" },
		{ "--rpc-server-fd 50 --ready-fd 50",
		  "--rpc-server-fd and --ready-fd are both 50; they must be two descriptors\n" },
		{ "--rpc-server-fd 0 --ready-fd 51",
		  "--rpc-server-fd: 0 is standard input, output or error; pass another descriptor\n" },
		{ "--rpc-server-fd 50 --ready-fd 2",
		  "--ready-fd: 2 is standard input, output or error; pass another descriptor\n" },
		{ "--rpc-server-fd 50 --ready-fd 99", "--ready-fd: 99 is not an open file descriptor\n" },
		{ "--rpc-server-fd 5x --ready-fd 51",
		  "--rpc-server-fd: '5x' is not the number of a file descriptor\n" },
		{ "--rpc-server-fd +50 --ready-fd 51",
		  "--rpc-server-fd: '+50' is not the number of a file descriptor\n" },
		{ "--rpc-server-fd 2147483648 --ready-fd 51",
		  "--rpc-server-fd: '2147483648' is not the number of a file descriptor\n" },
		{ "--rpc-server-fd -1 --ready-fd 51",
		  "--rpc-server-fd: '-1' is not the number of a file descriptor\n" },
		{ "--rpc-server-fd 99999999999 --ready-fd 51",
		  "--rpc-server-fd: '99999999999' is not the number of a file descriptor\n" },
		{ "--rpc-server-fd 53 --ready-fd 51",
		  "--rpc-server-fd: 53 is not a socket of the kind AF_UNIX, SOCK_SEQPACKET or SOCK_STREAM\n" },
		{ "--rpc-server-fd 51 --ready-fd 50",
		  "--rpc-server-fd: 51 is not a socket of the kind AF_UNIX, SOCK_SEQPACKET or SOCK_STREAM\n" },
		{ "--rpc-server-fd", "--rpc-server-fd: an argument is missing; see --help\n" },
		{ "--aidl-release 14", "--aidl-release: '14' is no release; 15q, 16 and 26 are\n" },
		{ "--root /tmp", "--root: unknown option; see --help\n" },
		{ "--rpc-server-fd 50 --ready-fd 51 more", "unexpected argument 'more'; see --help\n" },
	};
	size_t seen = 0;

	make_descriptors();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct options options = { .ready_fd = 4711 };

		cr_expect_eq(parse(cases[i][0], &options), -EINVAL, "%s", cases[i][0]);
		cr_expect_str_eq(fixture_errors() + seen, cases[i][1]);
		cr_expect_eq(options.ready_fd, 4711, "untouched on failure");
		seen = strlen(fixture_errors());
	}
}

static int parse_demo(const char *line, struct demo_options *ret)
{
	static char copy[512]; /* the strings of RET point into it */
	char *argv[32];

	snprintf(copy, sizeof(copy), "demo %s", line);
	return demo_options_parse(split(copy, argv, 32), argv, ret);
}

CASE(demo_options, defaults)
{
	struct demo_options options;

	cr_assert_eq(parse_demo("--kernel k", &options), 0);
	cr_expect_null(options.name);
	cr_expect_str_eq(options.kernel, "k");
	cr_expect_str_eq(options.console, "-");
	cr_expect_null(options.initrd);
	cr_expect_null(options.params);
	cr_expect_eq(options.memory_mib, 0);
	cr_expect_null(options.instance_id);
	cr_expect(!options.protected_vm && !options.match_host_cpus && !options.vcpu_count &&
		  !options.kernel_is_bootloader);
}

CASE(demo_options, all)
{
	struct demo_options options;

	cr_assert_eq(parse_demo("--name n --kernel k --initrd i --params p --memory-size-mib 64 --protected "
				"--cpu-topology cpu_count=4 --console c",
				&options),
		     0);
	cr_expect_str_eq(options.name, "n");
	cr_expect_str_eq(options.initrd, "i");
	cr_expect_str_eq(options.params, "p");
	cr_expect_str_eq(options.console, "c");
	cr_expect_eq(options.memory_mib, 64);
	cr_expect(options.protected_vm);
	cr_expect_eq(options.vcpu_count, 4);
	cr_assert_eq(parse_demo("--kernel k --cpu-topology match_host", &options), 0);
	cr_expect(options.match_host_cpus);
}

/* As .rc files for Android's launchers have them. */
CASE(demo_options, spellings_of_other_launchers)
{
	struct demo_options options;

	cr_assert_eq(parse_demo("--kernel k --load-kernel-as-bootloader --cpu-topology match-host --vm-instance-id f",
				&options),
		     0);
	cr_expect(options.kernel_is_bootloader && options.match_host_cpus);
	cr_expect_str_eq(options.instance_id, "f");
	cr_assert_eq(parse_demo("--kernel k --cpu-topology cpu-count=2 --cpu-topology one-cpu", &options), 0);
	cr_expect(!options.match_host_cpus && !options.vcpu_count, "the last one counts");
}

CASE(demo_options, each_refusal)
{
	static const char *const cases[][2] = {
		{ "", "--kernel or --config is missing; see --help\n" },
		{ "--config c --kernel k",
		  "--config: can't be combined with --kernel, --initrd, --params and other options that configure the VM; see --help\n" },
		{ "--config c --protected",
		  "--config: can't be combined with --kernel, --initrd, --params and other options that configure the VM; see --help\n" },
		{ "--kernel", "--kernel: an argument is missing; see --help\n" },
		{ "--kernel k --manager m", "--manager: unknown option; see --help\n" },
		{ "--kernel k more", "unexpected argument 'more'; see --help\n" },
		{ "--kernel k --memory-size-mib 0", "--memory-size-mib: '0' is not a number from 1 to 2147483647\n" },
		{ "--kernel k --memory-size-mib -1", "--memory-size-mib: '-1' is not a number from 1 to 2147483647\n" },
		{ "--kernel k --memory-size-mib 2147483648",
		  "--memory-size-mib: '2147483648' is not a number from 1 to 2147483647\n" },
		{ "--kernel k --cpu-topology two",
		  "--cpu-topology: 'two' is none of one-cpu, match-host, cpu-count=N\n" },
		{ "--kernel k --cpu-topology one_cpus",
		  "--cpu-topology: 'one_cpus' is none of one-cpu, match-host, cpu-count=N\n" },
		{ "--kernel k --cpu-topology cpu_count=",
		  "--cpu-topology cpu-count: '' is not a number from 1 to 2147483647\n" },
		{ "--kernel k --load-kernel-as-bootloader --params p",
		  "--load-kernel-as-bootloader: a boot loader gets neither --initrd nor --params\n" },
		{ "--kernel k --rpc-services-config f",
		  "--rpc-services-config is not supported: binder services of a guest need Android's service manager\n" },
		{ "--kernel k --custom-pvmfw f",
		  "--custom-pvmfw is not supported: a firmware for protected VMs can't be chosen\n" },
		{ "--kernel k --allow-ffa", "--allow-ffa is not supported: FF-A is not available to early VMs\n" },
	};
	size_t seen = 0;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct demo_options options = { .memory_mib = 4711 };

		cr_expect_eq(parse_demo(cases[i][0], &options), -EINVAL, "%s", cases[i][0]);
		cr_expect_str_eq(fixture_errors() + seen, cases[i][1]);
		cr_expect_eq(options.memory_mib, 4711, "untouched on failure");
		seen = strlen(fixture_errors());
	}
}
