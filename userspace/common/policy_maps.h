/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The maps of the policy, and the names under which they are pinned: the loader makes them, the auditor opens them.
 */
#ifndef COMMON_POLICY_MAPS_H
#define COMMON_POLICY_MAPS_H

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

#endif
