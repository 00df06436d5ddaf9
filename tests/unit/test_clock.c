/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>

#include "common/clock.h"

Test(common_clock, goes_on_in_the_units_that_it_says)
{
	struct timespec before, after;
	uint64_t us;
	int64_t ms;

	clock_gettime(CLOCK_MONOTONIC, &before);
	us = clock_us(CLOCK_MONOTONIC);
	ms = clock_ms();
	clock_gettime(CLOCK_MONOTONIC, &after);
	cr_expect_geq(us, (uint64_t)before.tv_sec * 1000000 + (uint64_t)before.tv_nsec / 1000);
	cr_expect_geq(ms, (int64_t)(us / 1000));
	cr_expect_leq(ms, after.tv_sec * 1000 + after.tv_nsec / 1000000);
}

Test(common_clock, one_that_is_not_there_reads_zero)
{
	cr_expect_eq(clock_us((clockid_t)0x7fffffff), 0u);
}
