/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/death_reason.h"
#include "virtmgr/failure_pipe.h"
#include "virtmgr/vmm/vmm.h"

/* Android's numbers, written down once more: they must never change. */
Test(virtmgr_death, numbers_and_names_are_androids)
{
	/* clang-format off */
	static const char *const names[] = {
		"INFRASTRUCTURE_ERROR", "KILLED", "UNKNOWN", "SHUTDOWN", "START_FAILED", "REBOOT", "CRASH",
		"PVM_FIRMWARE_PUBLIC_KEY_MISMATCH", "PVM_FIRMWARE_INSTANCE_IMAGE_CHANGED", "BOOTLOADER_PUBLIC_KEY_MISMATCH",
		"BOOTLOADER_INSTANCE_IMAGE_CHANGED", "MICRODROID_FAILED_TO_CONNECT_TO_VIRTUALIZATION_SERVICE",
		"MICRODROID_PAYLOAD_HAS_CHANGED", "MICRODROID_PAYLOAD_VERIFICATION_FAILED", "MICRODROID_INVALID_PAYLOAD_CONFIG",
		"MICRODROID_UNKNOWN_RUNTIME_ERROR", "HANGUP", "WATCHDOG_REBOOT", "HOST_SHUTDOWN", "UNRECOGNISED",
	};
	/* clang-format on */

	for (uint32_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		cr_expect_str_eq(evm_death_reason_name(i), names[i]);
}

Test(virtmgr_death, the_guest_may_report_some_reasons_only)
{
	for (uint32_t i = 0; i <= EVM_DEATH_HOST_SHUTDOWN; i++) {
		enum evm_death_reason reason = (enum evm_death_reason)99;
		bool may = (i >= 7 && i <= 16);

		cr_expect_eq(evm_death_reason_from_guest(evm_death_reason_name(i), &reason), may, "%u", i);
		cr_expect_eq((uint32_t)reason, may ? i : 99);
	}
}

static struct death decide(const struct vmm_backend *vmm, struct vmm_channel *channel, int waited, int code, int status,
			   const char *guest)
{
	struct vmm_exit end = { .waited = waited, .info.si_code = code, .guest_reason = guest };
	struct death death = { .reason = (enum evm_death_reason)99 };

	end.info.si_status = status;
	death_reason_decide(vmm, channel, &end, &death);
	return death;
}

Test(virtmgr_death, every_end_of_crosvm)
{
	static const struct {
		int waited, code, status;
		const char *guest;
		enum evm_death_reason reason;
		const char *text;
	} cases[] = {
		{ -ECHILD, 0, 0, "", EVM_DEATH_INFRASTRUCTURE_ERROR, "waiting for the VMM failed: No child processes" },
		{ 0, CLD_KILLED, SIGKILL, "", EVM_DEATH_KILLED, "the VMM was killed by signal 9 (Killed)" },
		{ 0, CLD_DUMPED, SIGABRT, "", EVM_DEATH_KILLED, "the VMM was killed by signal 6 (Aborted)" },
		{ 0, CLD_EXITED, 0, "", EVM_DEATH_SHUTDOWN, "the guest shut down" },
		{ 0, CLD_EXITED, 1, "", EVM_DEATH_START_FAILED,
		  "crosvm could not start or run the VM; its messages say why" },
		{ 0, CLD_EXITED, 32, "", EVM_DEATH_REBOOT, "the guest asked for a reset" },
		{ 0, CLD_EXITED, 33, "", EVM_DEATH_CRASH, "the VM crashed" },
		{ 0, CLD_EXITED, 34, "", EVM_DEATH_CRASH, "the guest panicked" },
		{ 0, CLD_EXITED, 35, "", EVM_DEATH_START_FAILED,
		  "crosvm does not know an argument on its command line" },
		{ 0, CLD_EXITED, 36, "", EVM_DEATH_WATCHDOG_REBOOT, "the guest's watchdog expired" },
		{ 0, CLD_EXITED, 2, "", EVM_DEATH_UNKNOWN, "the VMM exited with status 2" },
		/* A reported reason wins over the status, and over the signal, but not over an error of ours. */
		{ 0, CLD_EXITED, 0, "HANGUP", EVM_DEATH_HANGUP, "the guest reported it" },
		{ 0, CLD_KILLED, SIGKILL, "HANGUP", EVM_DEATH_HANGUP, "the guest reported it" },
		{ -ECHILD, 0, 0, "HANGUP", EVM_DEATH_INFRASTRUCTURE_ERROR,
		  "waiting for the VMM failed: No child processes" },
		{ 0, CLD_EXITED, 32, "hangup", EVM_DEATH_REBOOT, "the guest asked for a reset" },
	};
	struct vmm_channel channel = VMM_CHANNEL_NONE;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct death death = decide(&crosvm_backend, &channel, cases[i].waited, cases[i].code, cases[i].status,
					    cases[i].guest);

		cr_expect_eq(death.reason, cases[i].reason, "case %zu", i);
		cr_expect_str_eq(death.text, cases[i].text);
	}
}

/* A stop is KILLED, as in Android; what ends while it is asked to otherwise keeps its own reason. */
Test(virtmgr_death, a_crosvm_that_was_asked_to_stop)
{
	struct vmm_channel channel = VMM_CHANNEL_NONE;
	struct death death;

	channel.asked = true;
	death = decide(&crosvm_backend, &channel, 0, CLD_EXITED, 0, "");
	cr_expect_eq(death.reason, EVM_DEATH_KILLED);
	cr_expect_str_eq(death.text, "the VM was stopped");
	death = decide(&crosvm_backend, &channel, 0, CLD_EXITED, 33, "");
	cr_expect_eq(death.reason, EVM_DEATH_CRASH);
}

#define EVENT(name)     "{\"timestamp\": {\"seconds\": 1}, \"event\": \"" name "\"}\r\n"
#define SHUTDOWN(cause) "{\"timestamp\": {\"seconds\": 1}, \"event\": \"SHUTDOWN\", \"data\": {\"guest\": true, \"reason\": \"" cause "\"}}\r\n"

static struct death qemu_death(const char *monitor, int code, int status, bool *ret_gave_up)
{
	struct vmm_channel channel = VMM_CHANNEL_NONE;

	/* A byte at a time: lines come in any pieces. */
	for (; *monitor; monitor++)
		qemu_backend.hear(&channel, monitor, 1);
	*ret_gave_up = channel.gave_up;
	return decide(&qemu_backend, &channel, 0, code, status, "");
}

Test(virtmgr_death, every_end_of_qemu)
{
	static const struct {
		const char *monitor;
		int code, status;
		bool gave_up;
		enum evm_death_reason reason;
		const char *text;
	} cases[] = {
		{ SHUTDOWN("guest-shutdown"), CLD_EXITED, 0, false, EVM_DEATH_SHUTDOWN, "the guest shut down" },
		{ SHUTDOWN("guest-reset"), CLD_EXITED, 0, false, EVM_DEATH_REBOOT,
		  "the guest asked for a reset, or a CPU of it had a triple fault" },
		{ SHUTDOWN("subsystem-reset"), CLD_EXITED, 0, false, EVM_DEATH_REBOOT,
		  "a part of the machine asked for a reset" },
		{ EVENT("GUEST_PANICKED") EVENT("STOP") SHUTDOWN("guest-panic"), CLD_EXITED, 0, false, EVM_DEATH_CRASH,
		  "the guest panicked" },
		{ SHUTDOWN("host-qmp-quit"), CLD_EXITED, 0, false, EVM_DEATH_KILLED, "the VM was stopped" },
		{ SHUTDOWN("host-signal"), CLD_EXITED, 0, false, EVM_DEATH_KILLED, "QEMU was ended by a signal" },
		{ SHUTDOWN("host-error"), CLD_EXITED, 0, false, EVM_DEATH_INFRASTRUCTURE_ERROR,
		  "QEMU gave up after an error of the host" },
		{ SHUTDOWN("new-reason"), CLD_EXITED, 0, false, EVM_DEATH_UNKNOWN,
		  "QEMU ended for the reason 'new-reason'" },
		{ SHUTDOWN("guest-shutdown") SHUTDOWN("guest-reset"), CLD_EXITED, 0, false, EVM_DEATH_SHUTDOWN,
		  "the guest shut down" },
		{ EVENT("SHUTDOWN"), CLD_EXITED, 0, false, EVM_DEATH_UNKNOWN, "QEMU ended for the reason 'none'" },
		{ "", CLD_EXITED, 0, false, EVM_DEATH_UNKNOWN, "QEMU ended without a reason" },
		{ "", CLD_EXITED, 1, false, EVM_DEATH_START_FAILED,
		  "QEMU could not start or run the VM; its messages say why" },
		{ EVENT("STOP"), CLD_KILLED, SIGKILL, true, EVM_DEATH_CRASH,
		  "the VMM stopped the VM after an internal error" },
		{ EVENT("RESUME"), CLD_KILLED, SIGKILL, false, EVM_DEATH_KILLED,
		  "the VMM was killed by signal 9 (Killed)" },
		/* Answers and the greeting are no events, whatever they hold. */
		{ "{\"QMP\": {\"event\": \"STOP\"}}\r\n{\"return\": {\"event\": \"STOP\"}}\r\n", CLD_EXITED, 1, false,
		  EVM_DEATH_START_FAILED, "QEMU could not start or run the VM; its messages say why" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool gave_up;
		struct death death = qemu_death(cases[i].monitor, cases[i].code, cases[i].status, &gave_up);

		cr_expect_eq(death.reason, cases[i].reason, "case %zu", i);
		cr_expect_str_eq(death.text, cases[i].text);
		cr_expect_eq(gave_up, cases[i].gave_up, "case %zu", i);
	}
}

Test(virtmgr_death, a_line_of_the_monitor_that_is_too_long_is_left_out)
{
	static char flood[2 * QMP_MAX_LINE];
	struct qmp qmp = { 0 };

	memset(flood, 'x', sizeof(flood));
	qmp_feed(&qmp, flood, sizeof(flood));
	qmp_feed(&qmp, "\n", 1);
	qmp_feed(&qmp, SHUTDOWN("guest-reset"), strlen(SHUTDOWN("guest-reset")));
	cr_expect_str_eq(qmp.shutdown, "guest-reset");
}

static void expect_result(const char *text, const char *reason, const char *more)
{
	struct failure_pipe pipe;
	const char *got_reason, *got_more;

	cr_assert_eq(failure_pipe_open(&pipe), 0);
	cr_expect_eq(failure_pipe_read(&pipe), -EAGAIN);
	cr_assert_eq(write(pipe.write_end, text, strlen(text)), (ssize_t)strlen(text));
	while (failure_pipe_read(&pipe) > 0)
		;
	failure_pipe_result(&pipe, &got_reason, &got_more);
	cr_expect_str_eq(got_reason, reason);
	cr_expect_str_eq(got_more, more);
	failure_pipe_close(&pipe);
}

Test(virtmgr_death, the_failure_text_is_split_and_trimmed)
{
	expect_result("", "", "");
	expect_result("HANGUP", "HANGUP", "");
	expect_result(" \r\nHANGUP\r\n\t ", "HANGUP", "");
	expect_result("HANGUP|more", "HANGUP", "more");
	expect_result("HANGUP | more | even more \n", "HANGUP", "more | even more");
	expect_result("HANGUP\r\n|\r\nmore\n", "HANGUP", "more");
	expect_result("|", "", "");
	expect_result("a\033[31mb\n", "a?[31mb", "");
}

Test(virtmgr_death, a_flood_on_the_failure_port_is_drained_and_cut)
{
	static char block[4096];
	const char *reason, *more;
	struct failure_pipe pipe;

	memset(block, 'x', sizeof(block));
	cr_assert_eq(failure_pipe_open(&pipe), 0);
	for (int i = 0; i < 100; i++) { /* 400 KB through a pipe of 64 */
		cr_assert_eq(write(pipe.write_end, block, sizeof(block)), (ssize_t)sizeof(block));
		cr_expect_gt(failure_pipe_read(&pipe), 0);
	}
	pipe.write_end = (close(pipe.write_end), -1);
	cr_expect_eq(failure_pipe_read(&pipe), 0, "all writers are gone");
	failure_pipe_result(&pipe, &reason, &more);
	cr_expect_eq(strlen(reason), FAILURE_MAX_BYTES);
	failure_pipe_close(&pipe);
}

/* What the guest reported, and how the VMM ended by itself, count for more than that it was about to be killed. */
Test(virtmgr_death, a_hang_up_is_one_only_if_the_vmm_was_killed_for_it)
{
	static const struct {
		int waited, code, status;
		const char *guest;
		bool gave_up;
		enum evm_death_reason reason;
	} cases[] = {
		{ 0, CLD_KILLED, SIGKILL, "", false, EVM_DEATH_HANGUP },
		{ 0, CLD_KILLED, SIGKILL, "nonsense", false, EVM_DEATH_HANGUP },
		{ 0, CLD_KILLED, SIGKILL, "", true, EVM_DEATH_HANGUP },
		{ 0, CLD_KILLED, SIGKILL, "MICRODROID_PAYLOAD_HAS_CHANGED", false,
		  EVM_DEATH_MICRODROID_PAYLOAD_HAS_CHANGED },
		{ 0, CLD_EXITED, 0, "", false, EVM_DEATH_SHUTDOWN },
		{ 0, CLD_EXITED, 33, "", false, EVM_DEATH_CRASH },
		{ -ECHILD, 0, 0, "", false, EVM_DEATH_INFRASTRUCTURE_ERROR },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct vmm_channel channel = VMM_CHANNEL_NONE;
		struct vmm_exit end = { .waited = cases[i].waited,
					.info.si_code = cases[i].code,
					.guest_reason = cases[i].guest,
					.hung_up = true };
		struct death death;

		end.info.si_status = cases[i].status;
		channel.gave_up = cases[i].gave_up;
		death_reason_decide(&crosvm_backend, &channel, &end, &death);
		cr_expect_eq(death.reason, cases[i].reason, "case %zu: %u", i, death.reason);
	}
}
