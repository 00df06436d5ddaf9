/* SPDX-License-Identifier: Apache-2.0 */
/* What early_vm_init believes of what its loader reports: reports as they are sent, and everything that is none. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "init/loader_report.h"

static int fds[2];

static void open_pipe(void)
{
	cr_assert_eq(pipe2(fds, O_DIRECT | O_NONBLOCK), 0);
}

/* Takes the next packet. */
static int take(struct loader_state *state)
{
	char packet[100];
	ssize_t n = read(fds[0], packet, sizeof(packet));

	cr_assert_gt(n, 0);
	return loader_report_take(packet, (size_t)n, state);
}

static const struct platform_policy open_policy = { .on_failure = ON_FAILURE_OPEN,
						    .deadline_ms = 700,
						    .seal = SEAL_NO };

Test(loader_report, what_is_sent_is_taken, .init = open_pipe)
{
	struct loader_state state = LOADER_STATE_INITIAL;

	loader_report_step(fds[1], LOADER_STEP_POLICY);
	loader_report_settings(fds[1], &open_policy);
	loader_report_step(fds[1], LOADER_STEP_ATTACH);
	loader_report_step(fds[1], LOADER_STEP_ATTACH);
	loader_report_end(fds[1], EVM_EXIT_ENTRIES_REFUSED);
	for (int i = 0; i < 5; i++)
		cr_assert_eq(take(&state), 0, "%d", i);
	cr_assert_eq(state.settings.on_failure, ON_FAILURE_OPEN);
	cr_assert_eq(state.settings.deadline_ms, 700);
	cr_assert_not(state.settings.seal);
	cr_assert_eq(state.step, LOADER_STEP_ATTACH);
	cr_assert(state.ended);
	cr_assert_eq(state.code, EVM_EXIT_ENTRIES_REFUSED);
}

Test(loader_report, nobody_is_told_without_a_pipe)
{
	cr_assert_eq(loader_report_step(-1, LOADER_STEP_ATTACH), 0);
}

Test(loader_report, order_is_checked, .init = open_pipe)
{
	struct loader_state state = LOADER_STATE_INITIAL;

	loader_report_settings(fds[1], &open_policy);
	cr_assert_eq(take(&state), -EBADMSG, "settings before the file was read");
	loader_report_step(fds[1], LOADER_STEP_POLICY);
	loader_report_settings(fds[1], &open_policy);
	loader_report_settings(fds[1], &open_policy);
	cr_assert_eq(take(&state), 0);
	cr_assert_eq(take(&state), 0);
	cr_assert_eq(take(&state), -EBADMSG, "settings a second time");
	loader_report_step(fds[1], LOADER_STEP_SEAL);
	loader_report_step(fds[1], LOADER_STEP_LOAD);
	cr_assert_eq(take(&state), 0);
	cr_assert_eq(take(&state), -EBADMSG, "back to an earlier step");
	loader_report_end(fds[1], EVM_EXIT_OK);
	loader_report_step(fds[1], LOADER_STEP_SEAL);
	cr_assert_eq(take(&state), 0);
	cr_assert_eq(take(&state), -EBADMSG, "after the end");
}

/* The words of a valid report, one after another set to VALUE. */
static void expect_each_word_checked(const uint32_t report[5], struct loader_state state, int first, uint32_t value)
{
	for (int i = first; i < 5; i++) {
		uint32_t changed[5];
		struct loader_state after = state;

		memcpy(changed, report, sizeof(changed));
		changed[i] = value;
		cr_assert_eq(loader_report_take(changed, sizeof(changed), &after), -EBADMSG, "word %d", i);
		cr_assert_eq(memcmp(&after, &state, sizeof(state)), 0, "nothing is taken over");
	}
}

Test(loader_report, each_value_is_of_a_closed_list, .init = open_pipe)
{
	struct loader_state state = LOADER_STATE_INITIAL;
	uint32_t report[5];

	state.step = LOADER_STEP_POLICY;
	loader_report_settings(fds[1], &open_policy);
	cr_assert_eq(read(fds[0], report, sizeof(report)), sizeof(report));
	expect_each_word_checked(report, state, 0, UINT32_MAX);
	expect_each_word_checked(report, state, 0, 4 + LOADER_STEP_COUNT);
	loader_report_end(fds[1], EVM_EXIT_OK);
	cr_assert_eq(read(fds[0], report, sizeof(report)), sizeof(report));
	expect_each_word_checked(report, state, 0, EVM_EXIT_SEALED + 1);
	loader_report_step(fds[1], LOADER_STEP_SEAL);
	cr_assert_eq(read(fds[0], report, sizeof(report)), sizeof(report));
	expect_each_word_checked(report, state, 0, LOADER_STEP_COUNT);
}

/* What has happened: an error message in the pipe. */
Test(loader_report, other_bytes_are_none)
{
	static const char words[] = "early_vm_init: error: /etc/avf/early_vm_policy.xml:1: unknown element";
	struct loader_state state = LOADER_STATE_INITIAL;
	static const char zeros[100];

	for (size_t bytes = 1; bytes < sizeof(words); bytes++)
		cr_assert_eq(loader_report_take(words, bytes, &state), -EBADMSG);
	for (size_t bytes = 1; bytes < sizeof(zeros); bytes++)
		cr_assert_eq(loader_report_take(zeros, bytes, &state), -EBADMSG);
	cr_assert_eq(state.settings.on_failure, ON_FAILURE_CLOSED);
	cr_assert(state.settings.seal);
}

Test(loader_report, each_step_has_words)
{
	for (int step = 0; step < LOADER_STEP_COUNT; step++)
		cr_assert_not_null(loader_step_words((enum loader_step)step), "%d", step);
}
