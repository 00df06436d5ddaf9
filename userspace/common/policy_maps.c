/* SPDX-License-Identifier: Apache-2.0 */
#include "common/policy_maps.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>

#include "common/bpf_sys.h"
#include "common/cleanup.h"
#include "common/policy_pins.h"

const char *const policy_map_names[POLICY_MAP_COUNT] = {
	[POLICY_RULES] = "rules",   [POLICY_CIDS] = "cids",     [POLICY_LABELS] = "labels",
	[POLICY_CLAIMS] = "claims", [POLICY_EVENTS] = "events", [POLICY_COUNTERS] = "counters",
	[POLICY_RECENT] = "recent", [POLICY_STATE] = "state",   [POLICY_CONFIG] = "config",
	[POLICY_HOLD] = "hold",
};

const char *const lockout_map_names[POLICY_MAP_COUNT] = {
	[POLICY_EVENTS] = "lockout_events",
	[POLICY_COUNTERS] = "lockout_counters",
	[POLICY_RECENT] = "lockout_recent",
	[POLICY_STATE] = "lockout_state",
};

/* The programs have no other variable, so it begins where the value does (bpf/state.h). */
int policy_state_read(int map_fd, struct evm_state *ret)
{
	struct bpf_map_info info = {};
	__u32 key = 0;
	int r = bpf_sys_info(map_fd, &info, sizeof(info));

	if (r)
		return r;
	if (info.type != BPF_MAP_TYPE_ARRAY || info.max_entries != 1 || info.value_size != sizeof(*ret))
		return -EBADMSG;
	return bpf_sys_map_get(map_fd, &key, ret);
}

int policy_state_open(void)
{
	char path[POLICY_PATH_BYTES];
	int r = policy_pin_path(path, EVM_PIN_DIR, policy_map_names[POLICY_STATE]);

	return r ? r : bpf_sys_get(path, BPF_F_RDONLY);
}

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
