// SPDX-License-Identifier: Apache-2.0
/* The tiny VMM's command line: what managers write, in both generations of crosvm's options, and what is refused. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "vmm/options.h"
#include "vmm/outcome.h"

enum { MAX_WORDS = 64, MESSAGE_BYTES = 512 };

static char last_message[MESSAGE_BYTES];

static void keep_message(void *data, enum log_level level, const char *message)
{
	(void)data, (void)level;
	snprintf(last_message, sizeof(last_message), "%s", message);
}

/* Splits LINE at blanks, as a shell would, and parses it.  What is parsed must not point into the line: it is freed. */
static int parse_with(const char *line, const char *environment, struct vmm_options *ret)
{
	char *copy = strdup(line), *argv[MAX_WORDS + 1], *rest = NULL;
	int argc = 0, result;

	for (char *word = strtok_r(copy, " ", &rest); word && argc < MAX_WORDS; word = strtok_r(NULL, " ", &rest))
		argv[argc++] = word;
	argv[argc] = NULL;
	log_set_sink(keep_message, NULL);
	last_message[0] = '\0';
	result = vmm_options_parse(argc, argv, environment, ret);
	log_set_sink(NULL, NULL);
	memset(copy, 'x', strlen(line));
	free(copy);
	return result;
}

static struct vmm_options parse(const char *line)
{
	struct vmm_options options;

	cr_assert_eq(parse_with(line, NULL, &options), 0, "%s: %s", line, last_message);
	return options;
}

static int complete(struct vmm_options *options)
{
	int ret;

	log_set_sink(keep_message, NULL);
	ret = vmm_options_complete(options);
	log_set_sink(NULL, NULL);
	return ret;
}

Test(vmm_options, manager_of_2022)
{
	struct vmm_options options = parse(
		"crosvm --extended-status run --disable-sandbox --cid 123 --mem 128 --cpus 2 --cpu-affinity 0 --task-profiles a,b "
		"--serial=type=file,path=/proc/self/fd/7,hardware=serial,num=1 "
		"--serial=type=file,path=/proc/self/fd/8,hardware=serial,num=2 "
		"--serial=type=file,path=/proc/self/fd/7,hardware=virtio-console,num=1 "
		"--serial=type=sink,hardware=virtio-console,num=2 --initrd /proc/self/fd/9 --params quiet "
		"--rwdisk /proc/self/fd/10 --disk /proc/self/fd/11 /proc/self/fd/12");

	cr_assert_eq(complete(&options), 0);
	cr_expect(options.extended_status && options.disable_sandbox && options.has_vsock);
	cr_expect_eq(options.vsock.cid, 123);
	cr_expect_str_eq(options.vsock.device, "/dev/vhost-vsock");
	cr_expect_eq(options.memory_mib, 128);
	cr_expect_eq(options.cpus, 2);
	cr_expect_str_eq(options.initrd, "/proc/self/fd/9");
	cr_expect_str_eq(options.params, "quiet");
	cr_expect_str_eq(options.kernel, "/proc/self/fd/12");
	cr_assert_eq(options.disk_count, 2);
	cr_expect_str_eq(options.disks[0].path, "/proc/self/fd/10");
	cr_expect_not(options.disks[0].read_only);
	cr_expect(options.disks[1].read_only);
	cr_assert_eq(options.serial_count, 4);
	cr_expect_eq(options.serials[1].num, 2);
	cr_expect_eq(options.serials[1].type, SERIAL_FILE);
	cr_expect_str_eq(options.serials[1].path, "/proc/self/fd/8");
	cr_expect_eq(options.serials[3].hardware, HARDWARE_VIRTIO_CONSOLE);
	cr_expect_eq(options.serials[3].type, SERIAL_SINK);
	cr_expect_eq(options.claim, CLAIM_LATE);
}

Test(vmm_options, manager_of_today)
{
	struct vmm_options options = parse(
		"crosvm --extended-status --log-level debug,disk=warn run --vsock cid=200,device=/proc/self/fd/5 --name crosvm_vm "
		"/proc/self/fd/6 --params a=b --params c --mem size=64 --cpus num-cores=3 --no-balloon --no-rng --no-usb "
		"--serial type=file,path=/proc/self/fd/7,input=/proc/self/fd/8,hardware=serial,num=1,console "
		"--serial=type=sink,hardware=virtio-console,num=3,max-queue-sizes=[2,32] "
		"--block path=/proc/self/fd/9,ro=true,lock=false --block path=/proc/self/fd/10,ro=false,lock=false "
		"--socket /proc/self/fd/11 --suspended");

	cr_assert_eq(complete(&options), 0);
	cr_expect_eq(options.vsock.cid, 200);
	cr_expect_str_eq(options.vsock.device, "/proc/self/fd/5");
	cr_expect_str_eq(options.kernel, "/proc/self/fd/6");
	cr_expect_str_eq(options.params, "a=b c");
	cr_expect_eq(options.memory_mib, 64);
	cr_expect_eq(options.cpus, 3);
	cr_expect_str_eq(options.serials[0].input, "/proc/self/fd/8");
	cr_expect(options.serials[0].console);
	cr_expect_eq(options.serials[1].num, 3);
	cr_expect(options.disks[0].read_only);
	cr_expect_not(options.disks[1].read_only);
	cr_expect_not(options.disks[0].lock);
	cr_expect_str_eq(options.socket, "/proc/self/fd/11");
	cr_expect(options.suspended);
	cr_expect_eq(options.claim, CLAIM_FORK, "a sandboxed device claims in its own process");
}

/* Each word that begins with '-' is split, wherever it stands; one word with its option arrives whole. */
Test(vmm_options, words_are_split_as_crosvm_splits_them)
{
	struct vmm_options options = parse("crosvm run --params --quiet=--disable-sandbox kernel");

	cr_expect_str_eq(options.params, "--quiet");
	cr_expect(options.disable_sandbox, "a parameter became an option");
	options = parse("crosvm run --params=--quiet=--disable-sandbox kernel");
	cr_expect_str_eq(options.params, "--quiet=--disable-sandbox");
	cr_expect_not(options.disable_sandbox);
}

Test(vmm_options, disks_are_locked_unless_told_otherwise)
{
	struct vmm_options options =
		parse("crosvm run --block a --block path=b,ro=true,lock=false --disk c --rwdisk d,lock kernel");

	cr_expect(options.disks[0].lock && !options.disks[1].lock && options.disks[2].lock && options.disks[3].lock);
}

Test(vmm_options, defaults)
{
	struct vmm_options options = parse("crosvm run kernel");

	cr_assert_eq(complete(&options), 0);
	cr_expect_eq(options.memory_mib, 256);
	cr_expect_eq(options.cpus, 1);
	cr_expect_not(options.has_vsock);
	cr_expect_not(options.extended_status);
	cr_assert_eq(options.serial_count, 1);
	cr_expect_eq(options.serials[0].type, SERIAL_STDOUT);
	cr_expect(options.serials[0].console && options.serials[0].use_stdin);
}

Test(vmm_options, first_key_may_be_left_out)
{
	struct vmm_options options = parse("crosvm run --vsock 78 --block /a,ro=true --mem 5 --cpus 6 kernel");

	cr_expect_eq(options.vsock.cid, 78);
	cr_expect_str_eq(options.disks[0].path, "/a");
	cr_expect(options.disks[0].read_only);
	cr_expect_eq(options.memory_mib, 5);
	cr_expect_eq(options.cpus, 6);
}

Test(vmm_options, disk_stays_read_only)
{
	struct vmm_options options = parse("crosvm run --disk /a,ro=false --rwdisk /b,ro=true kernel");

	cr_expect(options.disks[0].read_only);
	cr_expect(options.disks[1].read_only);
}

Test(vmm_options, short_names)
{
	struct vmm_options options = parse("crosvm run -m 9 -c 2 -i initrd -p one -p two -s sock -b /a -d /b kernel");

	cr_expect_eq(options.memory_mib, 9);
	cr_expect_eq(options.cpus, 2);
	cr_expect_str_eq(options.initrd, "initrd");
	cr_expect_str_eq(options.params, "one two");
	cr_expect_str_eq(options.socket, "sock");
	cr_expect_eq(options.disk_count, 2);
}

Test(vmm_options, other_commands)
{
	struct vmm_options options = parse("crosvm stop /run/vm.sock");

	cr_expect_eq(options.command, COMMAND_STOP);
	cr_expect_str_eq(options.socket, "/run/vm.sock");
	cr_expect_eq(complete(&options), 0);
	options = parse("crosvm resume s");
	cr_expect_eq(options.command, COMMAND_RESUME);
	cr_expect_eq(parse("crosvm help").command, COMMAND_HELP);
}

Test(vmm_options, for_tests)
{
	struct vmm_options options =
		parse("crosvm run --disable-sandbox --vsock 5 --test-claim=early --test-cid=6 --test-hold "
		      "--test-kill-group --test-outcome=watchdog kernel");

	cr_assert_eq(complete(&options), 0);
	cr_expect_eq(options.claim, CLAIM_EARLY);
	cr_expect_eq(options.vsock.cid, 6);
	cr_expect(options.test_hold && options.test_kill_group);
	cr_expect_eq(options.test_outcome, 5);
}

Test(vmm_options, from_the_environment)
{
	struct vmm_options options;

	cr_assert_eq(parse_with("crosvm run kernel", " --test-claim=fork  --test-hold", &options), 0);
	cr_expect_eq(options.claim, CLAIM_FORK);
	cr_expect(options.test_hold);
	cr_expect_eq(parse_with("crosvm run kernel", "--mem=1", &options), -EINVAL, "only test options");
	cr_expect_eq(parse_with("crosvm run --test-cid=4 kernel", "--test-cid=5", &options), -EINVAL, "twice");
	cr_expect_eq(parse_with("crosvm stop socket", "--test-nonsense", &options), 0, "they are for run alone");
}

struct refusal {
	char line[160];
	char message[80];
};

/* What can't be parsed: exit code 35. */
ParameterizedTestParameters(vmm_options, syntax)
{
	static struct refusal cases[] = {
		{ "crosvm", "no command" },
		{ "crosvm start", "unknown command 'start'" },
		{ "crosvm --nonsense run kernel", "unknown option --nonsense" },
		{ "crosvm run --nonsense=5 kernel", "unknown option --nonsense" },
		{ "crosvm run --extended-status kernel", "unknown option --extended-status" },
		{ "crosvm --mem 5 run kernel", "unknown option --mem" },
		{ "crosvm run kernel --mem", "--mem needs a value" },
		{ "crosvm run --disable-sandbox=yes kernel",
		  "unexpected argument 'kernel': the kernel is 'yes' already" },
		{ "crosvm run --params -v=1 kernel", "unexpected argument 'kernel': the kernel is '1' already" },
		{ "crosvm run --mem 5 --mem 6 kernel", "--mem is given twice" },
		{ "crosvm run --mem=much kernel", "'much' is no value for size" },
		{ "crosvm run --mem=-1 kernel", "'-1' is no value for size" },
		{ "crosvm run --mem=18446744073709551616 kernel", "is no value for size" },
		{ "crosvm run --cid 0x10 kernel", "'0x10' is no decimal number" },
		{ "crosvm run --cid= kernel", "'' is no decimal number" },
		{ "crosvm run --vsock cid=a kernel", "'a' is no value for cid" },
		{ "crosvm run --vsock port=5 kernel", "unknown key 'port'" },
		{ "crosvm run --vsock 5,device kernel", "the key device needs a value" },
		{ "crosvm run --block path=/a,ro=maybe kernel", "'maybe' is no value for ro" },
		{ "crosvm run --serial type=modem kernel", "'modem' is no value for type" },
		{ "crosvm run --test-claim=never kernel", "'never' is no value for claim" },
		{ "crosvm run kernel kernel2", "unexpected argument 'kernel2'" },
		{ "crosvm stop", "needs the path" },
		{ "crosvm stop a b", "unexpected argument 'b'" },
	};

	return cr_make_param_array(struct refusal, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(struct refusal *refusal, vmm_options, syntax)
{
	struct vmm_options options;

	memset(&options, 0x5a, sizeof(options));
	cr_expect_eq(parse_with(refusal->line, NULL, &options), -EINVAL, "%s", refusal->line);
	cr_expect(strstr(last_message, refusal->message), "%s: said '%s', not '%s'", refusal->line, last_message,
		  refusal->message);
	for (size_t i = 0; i < sizeof(options); i++)
		cr_assert_eq(((unsigned char *)&options)[i], 0x5a, "the output is untouched on failure");
}

/* What can be parsed but makes no machine: exit code 1. */
ParameterizedTestParameters(vmm_options, meaning)
{
	static struct refusal cases[] = {
		{ "crosvm run", "nothing to run" },
		{ "crosvm run --bios b kernel", "exclude each other" },
		{ "crosvm run --cid 5 --vsock 5 kernel", "--cid and --vsock exclude each other" },
		{ "crosvm run --protected-vm kernel", "protected VMs are not supported" },
		{ "crosvm run --mem 3 kernel", "--mem is 3 MiB" },
		{ "crosvm run --cpus 0 kernel", "--cpus is 0" },
		{ "crosvm run --cpus 17 kernel", "--cpus is 17" },
		{ "crosvm run --serial type=sink,num=5 kernel", "num is 5" },
		{ "crosvm run --serial type=file kernel", "needs path" },
		{ "crosvm run --serial type=sink --serial type=sink kernel", "num=1 is given twice" },
	};

	return cr_make_param_array(struct refusal, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(struct refusal *refusal, vmm_options, meaning)
{
	struct vmm_options options = parse(refusal->line);

	cr_expect_eq(complete(&options), -EINVAL, "%s", refusal->line);
	cr_expect(strstr(last_message, refusal->message), "%s: said '%s', not '%s'", refusal->line, last_message,
		  refusal->message);
}

Test(vmm_options, too_much)
{
	char line[OPTION_PATH_BYTES + 64];
	struct vmm_options options;

	memset(line, 'a', sizeof(line));
	memcpy(line, "crosvm run ", strlen("crosvm run "));
	line[sizeof(line) - 1] = '\0';
	cr_expect_eq(parse_with(line, NULL, &options), -EINVAL);
	cr_expect(strstr(last_message, "too long"));
	cr_expect_eq(parse_with("crosvm run -d a -d a -d a -d a -d a -d a -d a -d a -d a k", NULL, &options), -EINVAL);
	cr_expect(strstr(last_message, "more than 8"));
}

Test(vmm_outcome, exit_codes)
{
	cr_expect_eq(outcome_exit_code(OUTCOME_STOP, true), 0);
	cr_expect_eq(outcome_exit_code(OUTCOME_RESET, true), 32);
	cr_expect_eq(outcome_exit_code(OUTCOME_CRASH, true), 33);
	cr_expect_eq(outcome_exit_code(OUTCOME_PANIC, true), 34);
	cr_expect_eq(outcome_exit_code(OUTCOME_WATCHDOG, true), 36);
	cr_expect_eq(outcome_exit_code(OUTCOME_CRASH, false), 0,
		     "without --extended-status the guest's end is no error");
	cr_expect_eq(outcome_exit_code(OUTCOME_ERROR, false), 1, "but the VMM's own failure is");
	cr_expect_eq(outcome_exit_code(OUTCOME_UNKNOWN, false), 7);
}

Test(vmm_outcome, first_report_counts)
{
	struct vm_end end;

	cr_assert_eq(vm_end_open(&end), 0);
	vm_end_report(&end, OUTCOME_RESET);
	vm_end_report(&end, OUTCOME_STOP);
	cr_expect_eq(atomic_load(&end.outcome), OUTCOME_RESET);
	vm_end_close(&end);
}
