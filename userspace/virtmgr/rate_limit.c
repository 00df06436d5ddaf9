/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/rate_limit.h"

static void refill(struct rate_limit *limit, int64_t now_ms)
{
	int64_t more = (now_ms - limit->refilled_ms) / limit->interval_ms;

	if (more < limit->max - limit->left) {
		limit->left += (uint32_t)more;
		limit->refilled_ms += more * limit->interval_ms;
	} else {
		limit->left = limit->max;
		limit->refilled_ms = now_ms;
	}
}

bool rate_limit_take(struct rate_limit *limit, int64_t now_ms, uint32_t *ret_suppressed)
{
	refill(limit, now_ms);
	if (limit->left == 0) {
		limit->suppressed++;
		return false;
	}
	limit->left--;
	*ret_suppressed = limit->suppressed;
	limit->suppressed = 0;
	return true;
}
