/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/line_budget.h"

#include <time.h>

int64_t line_budget_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static void refill(struct line_budget *budget, int64_t now_ms)
{
	int64_t more = (now_ms - budget->refilled_ms) / budget->interval_ms;

	if (more < budget->max - budget->left) {
		budget->left += (uint32_t)more;
		budget->refilled_ms += more * budget->interval_ms;
	} else {
		budget->left = budget->max;
		budget->refilled_ms = now_ms;
	}
}

bool line_budget_take(struct line_budget *budget, int64_t now_ms, uint32_t *ret_left_out)
{
	refill(budget, now_ms);
	if (budget->left == 0) {
		budget->left_out++;
		return false;
	}
	budget->left--;
	*ret_left_out = budget->left_out;
	budget->left_out = 0;
	return true;
}
