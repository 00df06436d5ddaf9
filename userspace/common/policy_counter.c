/* SPDX-License-Identifier: Apache-2.0 */
#include "common/policy_counter.h"

#include <errno.h>

#include "common/bpf_sys.h"
#include "common/cleanup.h"

int policy_counter_read(int map_fd, __u32 reason, struct evm_counter *ret)
{
	_cleanup_free_ struct evm_counter *values = NULL;
	struct evm_counter all = {};
	size_t count;
	int r = bpf_sys_processors(&count);

	if (r)
		return r;
	values = calloc(count, sizeof(*values));
	if (!values)
		return -ENOMEM;
	r = bpf_sys_map_get(map_fd, &reason, values);
	if (r)
		return r;
	for (size_t i = 0; i < count; i++) {
		all.count += values[i].count;
		if (values[i].last_ns > all.last_ns)
			all.last_ns = values[i].last_ns;
	}
	*ret = all;
	return 0;
}
