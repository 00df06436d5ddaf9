/* SPDX-License-Identifier: Apache-2.0 */
#include "common/number.h"

#include <errno.h>

int number_take(const char **text, uint32_t max, uint32_t *ret)
{
	const char *at = *text;
	uint64_t number = 0;

	if (*at < '0' || *at > '9')
		return -EINVAL;
	for (; *at >= '0' && *at <= '9'; at++) {
		number = number * 10 + (uint64_t)(*at - '0');
		if (number > max)
			return -ERANGE;
	}
	*text = at;
	*ret = (uint32_t)number;
	return 0;
}

int number_parse(const char *text, uint32_t min, uint32_t max, uint32_t *ret)
{
	uint32_t number;
	int r = number_take(&text, max, &number);

	if (r < 0)
		return r;
	if (*text)
		return -EINVAL;
	if (number < min)
		return -ERANGE;
	*ret = number;
	return 0;
}
