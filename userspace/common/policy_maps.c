/* SPDX-License-Identifier: Apache-2.0 */
#include "common/policy_maps.h"

const char *const policy_map_names[POLICY_MAP_COUNT] = {
	[POLICY_RULES] = "rules",   [POLICY_CIDS] = "cids",     [POLICY_LABELS] = "labels",
	[POLICY_CLAIMS] = "claims", [POLICY_EVENTS] = "events", [POLICY_COUNTERS] = "counters",
	[POLICY_RECENT] = "recent", [POLICY_STATE] = "state",   [POLICY_CONFIG] = "config",
	[POLICY_HOLD] = "hold",
};
