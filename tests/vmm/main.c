// SPDX-License-Identifier: Apache-2.0
/*
 * The tiny VMM: replaces crosvm in tests, with real KVM, vhost-vsock and guests.  Command line: options.h; what a
 * guest finds: <architecture>/layout.h.
 *
 * It accepts no more than crosvm accepts, and a guest finds no more than in crosvm, with these differences: a device that is
 * refused ends the machine with exit code 1 (crosvm lets the guest wait); virtio devices are virtio-mmio (crosvm: PCI), and
 * power-off is described by ACPI for hardware-reduced machines; a bzImage needs a 64-bit entry; and it kills its process
 * group at its exit, as crosvm always does, only with --test-kill-group.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "vmm/machine.h"

/* The vCPUs' threads are still there: nothing that they use may be freed, so the process ends without more ado. */
static _Noreturn void end_process(const struct vmm_options *options, int outcome)
{
	if (options->test_kill_group)
		kill(0, SIGKILL);
	_exit(outcome_exit_code(outcome, options->extended_status));
}

static _Noreturn void run(const struct vmm_options *options)
{
	static struct machine machine; /* zero, and there to the end */
	int outcome = OUTCOME_ERROR;

	signal(SIGPIPE, SIG_IGN);
	if (!machine_create(&machine, options))
		outcome = machine_wait(&machine);
	machine_close(&machine);
	end_process(options, outcome);
}

static const char *test_options(void)
{
	static char text[200];
	const char *environment = getenv(TEST_OPTIONS_ENVIRONMENT);
	_cleanup_close_ int fd = environment ? -1 : open(TEST_OPTIONS_FILE, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	return n > 0 ? text : environment;
}

int main(int argc, char **argv)
{
	static struct vmm_options options;

	log_open("crosvm", LOG_TO_STDERR, LOG_LEVEL_INFO);
	if (vmm_options_parse(argc, argv, test_options(), &options))
		return EXIT_INVALID_ARGUMENTS;
	if (vmm_options_complete(&options))
		return EXIT_FAILURE;
	switch (options.command) {
	case COMMAND_STOP:
		return control_send(options.socket, REQUEST_EXIT) ? EXIT_FAILURE : EXIT_SUCCESS;
	case COMMAND_RESUME:
		return control_send(options.socket, REQUEST_RESUME) ? EXIT_FAILURE : EXIT_SUCCESS;
	case COMMAND_HELP:
		vmm_options_help();
		return EXIT_SUCCESS;
	default:
		run(&options);
	}
}
