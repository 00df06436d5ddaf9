/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>

#include "common/log.h"
#include "virtmgr/guest_payload.h"
#include "virtmgr/instance_guest.h"

static enum evm_guest_status advance(struct guest_payload *payload, enum evm_guest_type type)
{
	struct guest_message message = { .type = type, .value = 42 };

	return guest_payload_advance(payload, &message);
}

/* From each state, each message: forward only, steps may be left out. */
Test(virtmgr_guest_payload, the_state_goes_forward_only)
{
	static const struct {
		enum evm_vm_state from;
		enum evm_guest_type type;
		enum evm_vm_state to; /* the same: refused */
	} cases[] = {
		{ EVM_STATE_STARTING, EVM_GUEST_STARTED, EVM_STATE_STARTED },
		{ EVM_STATE_STARTING, EVM_GUEST_READY, EVM_STATE_READY },
		{ EVM_STATE_STARTING, EVM_GUEST_FINISHED, EVM_STATE_FINISHED },
		{ EVM_STATE_STARTED, EVM_GUEST_STARTED, EVM_STATE_STARTED },
		{ EVM_STATE_STARTED, EVM_GUEST_READY, EVM_STATE_READY },
		{ EVM_STATE_STARTED, EVM_GUEST_FINISHED, EVM_STATE_FINISHED },
		{ EVM_STATE_READY, EVM_GUEST_STARTED, EVM_STATE_READY },
		{ EVM_STATE_READY, EVM_GUEST_READY, EVM_STATE_READY },
		{ EVM_STATE_READY, EVM_GUEST_FINISHED, EVM_STATE_FINISHED },
		{ EVM_STATE_FINISHED, EVM_GUEST_STARTED, EVM_STATE_FINISHED },
		{ EVM_STATE_FINISHED, EVM_GUEST_READY, EVM_STATE_FINISHED },
		{ EVM_STATE_FINISHED, EVM_GUEST_FINISHED, EVM_STATE_FINISHED },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct guest_payload payload = { .state = cases[i].from, .exit_code = 7 };
		bool moves = cases[i].to != cases[i].from, finishes = moves && cases[i].to == EVM_STATE_FINISHED;

		cr_expect_eq(advance(&payload, cases[i].type), moves ? EVM_GUEST_OK : EVM_GUEST_BAD_ORDER, "case %zu",
			     i);
		cr_expect_eq(payload.state, cases[i].to, "case %zu", i);
		cr_expect_eq(payload.exit_code, finishes ? 42 : 7, "case %zu", i);
	}
}

Test(virtmgr_guest_payload, errors_and_lines_come_at_any_time_and_change_nothing)
{
	for (enum evm_vm_state state = EVM_STATE_STARTING; state <= EVM_STATE_FINISHED; state++) {
		struct guest_payload payload = { .state = state };

		cr_expect_eq(advance(&payload, EVM_GUEST_ERROR), EVM_GUEST_OK);
		cr_expect_eq(advance(&payload, EVM_GUEST_LOG), EVM_GUEST_OK);
		cr_expect_eq(payload.state, state);
		cr_expect_eq(payload.exit_code, 0);
	}
}

Test(virtmgr_guest_payload, lines_that_are_too_many_are_left_out_and_counted)
{
	struct guest_payload payload = GUEST_PAYLOAD_NONE;
	int64_t now = 123456789;
	uint32_t suppressed = 99;

	for (int i = 0; i < GUEST_LINES; i++)
		cr_assert(rate_limit_take(&payload.lines, now, &suppressed));
	cr_expect_eq(suppressed, 0);
	for (int i = 0; i < 5; i++)
		cr_expect_not(rate_limit_take(&payload.lines, now, &suppressed));
	cr_expect_not(rate_limit_take(&payload.lines, now + GUEST_LINE_INTERVAL_MS / 2, &suppressed));
	cr_expect(rate_limit_take(&payload.lines, now + GUEST_LINE_INTERVAL_MS, &suppressed));
	cr_expect_eq(suppressed, 6);
	cr_expect_not(rate_limit_take(&payload.lines, now + GUEST_LINE_INTERVAL_MS, &suppressed));
	cr_expect(rate_limit_take(&payload.lines, now + 3 * GUEST_LINE_INTERVAL_MS, &suppressed));
	cr_expect_eq(suppressed, 1);
	cr_expect(rate_limit_take(&payload.lines, now + 3 * GUEST_LINE_INTERVAL_MS, &suppressed), "what was saved up");
}

Test(virtmgr_guest_payload, silence_saves_up_no_more_than_the_most)
{
	struct guest_payload payload = GUEST_PAYLOAD_NONE;
	uint32_t suppressed;
	int told = 0;

	rate_limit_take(&payload.lines, 1, &suppressed);
	while (rate_limit_take(&payload.lines, INT64_MAX, &suppressed))
		told++;
	cr_expect_eq(told, GUEST_LINES);
}

static int reported[EVM_GUEST_LOG + 1];

static void count_report(struct instance *instance, const struct guest_message *message, void *data)
{
	(void)instance, (void)data;
	reported[message->type]++;
}

/* Nor does a guest that logs much hide that it failed. */
Test(virtmgr_guest_payload, lines_and_errors_do_not_use_up_each_others_limit)
{
	static const struct client client;
	struct instance instance = {
		.payload = GUEST_PAYLOAD_NONE,
		.on_guest = count_report,
		.client = &client,
	};
	const struct guest_message line = { .type = EVM_GUEST_LOG }, error = { .type = EVM_GUEST_ERROR };

	log_open("test", LOG_TO_STDERR, LOG_LEVEL_ERROR);
	for (int i = 0; i < 2 * GUEST_LINES; i++)
		cr_expect_eq(instance_hear_guest(&line, &instance), EVM_GUEST_OK);
	for (int i = 0; i < GUEST_ERRORS; i++)
		cr_expect_eq(instance_hear_guest(&error, &instance), EVM_GUEST_OK);
	cr_expect(reported[EVM_GUEST_LOG] >= GUEST_LINES, "all that may come at once");
	cr_expect_eq(reported[EVM_GUEST_ERROR], GUEST_ERRORS);
	for (int i = 0; i < 1000; i++)
		instance_hear_guest(&error, &instance);
	cr_expect_lt(reported[EVM_GUEST_ERROR], 1000, "there is a limit");
}
