/* SPDX-License-Identifier: Apache-2.0 */
#include "common/policy_tables.h"

#include <errno.h>

#include "common/bpf_sys.h"

/* Each file has a second entry once sealed.  A key that is deleted meanwhile makes the kernel start over. */
enum { MAX_STEPS = 16 * EVM_MAX_RULES };

int policy_each_rule(int map_fd, policy_rule_taker take, void *data)
{
	struct evm_file_id key, next;
	int r = bpf_sys_map_next(map_fd, NULL, &next);

	for (int steps = 0; !r; steps++) {
		struct evm_rule rule;

		if (steps == MAX_STEPS)
			return -EAGAIN;
		key = next;
		r = bpf_sys_map_get(map_fd, &key, &rule);
		rule.path[sizeof(rule.path) - 1] = '\0';
		if (!r && !key.guard)
			r = take(data, &key, &rule);
		if (!r)
			r = bpf_sys_map_next(map_fd, &key, &next);
	}
	return r == -ENOENT ? 0 : r;
}

int policy_each_cid(int map_fd, policy_cid_taker take, void *data)
{
	__u32 key, next;
	int r = bpf_sys_map_next(map_fd, NULL, &next);

	for (int steps = 0; !r; steps++) {
		struct evm_cid listed;

		if (steps == MAX_STEPS)
			return -EAGAIN;
		key = next;
		r = bpf_sys_map_get(map_fd, &key, &listed);
		listed.name[sizeof(listed.name) - 1] = '\0';
		if (!r)
			r = take(data, key, &listed);
		if (!r)
			r = bpf_sys_map_next(map_fd, &key, &next);
	}
	return r == -ENOENT ? 0 : r;
}
