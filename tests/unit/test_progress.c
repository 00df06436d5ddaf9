/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>

#include "init/progress.h"

enum { BEGIN = 5000000, INTERVAL = PROGRESS_INTERVAL_US };

static const char step[] = "attaching the policy's programs";

static struct progress begun(void)
{
	return (struct progress){ .step = step, .begin_us = BEGIN, .last_line_us = BEGIN };
}

Test(progress, a_quick_load_says_nothing)
{
	struct progress progress = begun();
	char line[PROGRESS_LINE_BYTES];

	cr_assert(!progress_line(&progress, BEGIN, 1, 28, line, sizeof(line)));
	cr_assert(!progress_line(&progress, BEGIN + INTERVAL - 1, 28, 28, line, sizeof(line)));
}

Test(progress, one_line_in_each_interval)
{
	struct progress progress = begun();
	char line[PROGRESS_LINE_BYTES];

	cr_assert(progress_line(&progress, BEGIN + INTERVAL, 12, 28, line, sizeof(line)));
	cr_assert_str_eq(line, "3 s so far: attaching the policy's programs (12 of 28)");
	cr_assert(!progress_line(&progress, BEGIN + 2 * INTERVAL - 1, 13, 28, line, sizeof(line)));
	cr_assert(progress_line(&progress, BEGIN + 2 * INTERVAL + 1500000, 14, 28, line, sizeof(line)));
	cr_assert_str_eq(line, "7 s so far: attaching the policy's programs (14 of 28)");
	/* From the last line on, not from the beginning. */
	cr_assert(!progress_line(&progress, BEGIN + 3 * INTERVAL, 15, 28, line, sizeof(line)));
}

Test(progress, a_step_may_have_no_parts_or_an_unknown_number)
{
	struct progress progress = begun();
	char line[PROGRESS_LINE_BYTES];

	cr_assert(progress_line(&progress, BEGIN + INTERVAL, 0, 0, line, sizeof(line)));
	cr_assert_str_eq(line, "3 s so far: attaching the policy's programs");
	cr_assert(progress_line(&progress, BEGIN + 2 * INTERVAL, 7, 0, line, sizeof(line)));
	cr_assert_str_eq(line, "6 s so far: attaching the policy's programs (7 so far)");
}

Test(progress, nothing_is_said_where_no_load_is_reported)
{
	struct progress progress = {};
	char line[PROGRESS_LINE_BYTES];

	cr_assert(!progress_line(&progress, 100 * (uint64_t)INTERVAL, 1, 2, line, sizeof(line)));
}
