/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>

#include "init/processor_idle.h"

Test(processor_idle, both_kinds_of_idle_time_count)
{
	uint64_t ms;

	cr_expect_eq(processor_idle_parse("cpu  100 2 30 4000 500 6 7 8 9 10\ncpu0 1 1 1 1 1 1 1 1 1 1\n", 100, &ms),
		     0);
	cr_expect_eq(ms, 45000u);
	cr_expect_eq(processor_idle_parse("cpu  0 0 0 1 0\n", 1000, &ms), 0);
	cr_expect_eq(ms, 1u);
}

Test(processor_idle, other_lines_are_rejected)
{
	static const char *const lines[] = {
		"", "cpu", "cpu 1 2 3 4", "cpu 1 2 3 x 5", "intr 1 2 3 4 5", "cpu0 1 2 3 4 5"
	};
	uint64_t ms = 7;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		cr_expect_eq(processor_idle_parse(lines[i], 100, &ms), -EBADMSG, "%s", lines[i]);
	cr_expect_eq(processor_idle_parse("cpu 1 2 3 4 5", 0, &ms), -EBADMSG);
	cr_expect_eq(ms, 7u);
}

Test(processor_idle, this_machine_has_such_a_line)
{
	uint64_t before, after;

	cr_assert_eq(processor_idle_ms(&before), 0);
	cr_assert_eq(processor_idle_ms(&after), 0);
	cr_expect_gt(before, 0u);
}
