/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The maps of the policy: the names under which they are pinned, and the one reader of what they hold, for the loader and the
 * auditor.  The functions log nothing, and are thread-safe.
 */
#ifndef COMMON_POLICY_MAPS_H
#define COMMON_POLICY_MAPS_H

#include <early_vm/policy.h>

enum policy_map {
	POLICY_RULES,
	POLICY_CIDS,
	POLICY_LABELS,
	POLICY_CLAIMS,
	POLICY_EVENTS,
	POLICY_COUNTERS,
	POLICY_RECENT,
	POLICY_HOLD,
	POLICY_STATE,  /* the programs' variables (.bss) */
	POLICY_CONFIG, /* the programs' constants (.rodata) */
	POLICY_MAP_COUNT,
};

/* The file name of a map below EVM_PIN_DIR. */
extern const char *const policy_map_names[POLICY_MAP_COUNT];

/* The same of the programs that close KVM when there is no policy (bpf/lockout_audited.bpf.c).  NULL: they have no such map. */
extern const char *const lockout_map_names[POLICY_MAP_COUNT];

/*
 * Reads the programs' variables, the only value of the map POLICY_STATE, from a descriptor of it.  0, or a negative errno
 * (-EBADMSG: the map is of another version of the policy, or none of it).
 */
int policy_state_read(int map_fd, struct evm_state *ret);

/* Opens the pinned map for that: a descriptor that the caller closes, or a negative errno. */
int policy_state_open(void);

/*
 * Reads the counter of REASON (enum evm_reason; EVM_ALLOWED counts the events that did not fit into the ring buffer)
 * from the map "counters": the sum, and the time of the newest.  0 or a negative errno.
 */
int policy_counter_read(int map_fd, __u32 reason, struct evm_counter *ret);

/* Called for each entry, which it must not keep; a negative errno ends the reading. */
typedef int (*policy_rule_taker)(void *data, const struct evm_file_id *id, const struct evm_rule *rule);
typedef int (*policy_cid_taker)(void *data, __u32 cid, const struct evm_cid *listed);

/*
 * Read all entries of the map "rules" (without the seal's own, which stand for the same files once more) or "cids" from a
 * descriptor of it.  Their strings end with a NUL, whatever the map has.
 * 0; what TAKE returned; or another negative errno.  -EAGAIN: the map changes too fast.
 */
int policy_each_rule(int map_fd, policy_rule_taker take, void *data);
int policy_each_cid(int map_fd, policy_cid_taker take, void *data);

#endif
