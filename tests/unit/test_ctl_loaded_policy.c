/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What facts about attached programs, maps, the seal's record and the pins come to.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "ctl/loaded_policy.h"

enum { PROGRAM_ID = 100, MAP_ID = 200, LINK_ID = 300 };

static struct loaded_policy make_policy(bool sealed)
{
	struct loaded_policy policy = {
		.program_count = 3, .tasks = LINK_ID + 9, .has_rules = true, .frozen = sealed, .pins = PINS_MATCH
	};
	static const char *const names[] = { "device_open", "claim_ioctl", "claim_done" };

	policy.seal.sealed = sealed;
	for (uint32_t i = 0; i < 3; i++) {
		policy.programs[i] = (struct loaded_program){ names[i], PROGRAM_ID + i, LINK_ID + i, 0, i < 2, true };
		policy.seal.programs[i] = sealed ? PROGRAM_ID + i : 0;
	}
	for (uint32_t i = 0; i < POLICY_MAP_COUNT; i++) {
		policy.maps[i] = MAP_ID + i;
		policy.map_pinned[i] = true;
		policy.seal.maps[i] = sealed ? MAP_ID + i : 0;
	}
	return policy;
}

static void judged(const struct loaded_policy *policy, enum loaded_state state, const char *why)
{
	char said[LOADED_REASON_BYTES];

	cr_assert_eq(loaded_policy_check(policy, said), state);
	cr_assert(state == LOADED_TAMPERED ? strstr(said, why) != NULL : !*said, "%s", said);
}

Test(ctl_loaded, whole_policy_is_enforced)
{
	for (int sealed = 0; sealed < 2; sealed++) {
		struct loaded_policy policy = make_policy(sealed);

		judged(&policy, LOADED_ENFORCED, "");
		policy.programs[2].id = 0; /* no promise depends on it */
		judged(&policy, LOADED_ENFORCED, "");
	}
}

Test(ctl_loaded, pins_out_of_sight_change_nothing)
{
	for (int sealed = 0; sealed < 2; sealed++) {
		struct loaded_policy policy = make_policy(sealed);

		for (size_t i = 0; i < 3; i++)
			policy.programs[i].pinned = false;
		memset(policy.map_pinned, 0, sizeof(policy.map_pinned));
		policy.pins = PINS_HIDDEN;
		judged(&policy, LOADED_ENFORCED, "");
	}
}

Test(ctl_loaded, nothing_attached_is_none)
{
	struct loaded_policy policy = { .program_count = 3 };

	judged(&policy, LOADED_NONE, "");
	policy.lockout = 7;
	judged(&policy, LOADED_CLOSED, "");
}

Test(ctl_loaded, programs_without_rules_close)
{
	struct loaded_policy policy = make_policy(false);

	policy.tasks = 0;
	judged(&policy, LOADED_INCOMPLETE, "");
	policy.has_rules = false;
	judged(&policy, LOADED_CLOSED, "");
	policy.programs[0].id = 0;
	judged(&policy, LOADED_INCOMPLETE, "");
}

Test(ctl_loaded, missing_parts_are_incomplete)
{
	struct loaded_policy policy = make_policy(false);

	policy.programs[1].id = 0;
	judged(&policy, LOADED_INCOMPLETE, "");
	policy = make_policy(false);
	policy.programs[1].pinned = false;
	policy.pins = PINS_PARTIAL;
	judged(&policy, LOADED_INCOMPLETE, "");
	cr_assert_not(loaded_program_counts(&policy, &policy.programs[1]));
	policy = make_policy(false);
	policy.map_pinned[POLICY_CIDS] = false;
	policy.pins = PINS_PARTIAL;
	judged(&policy, LOADED_INCOMPLETE, "");
}

Test(ctl_loaded, two_of_a_kind_are_tampered_with)
{
	struct loaded_policy policy = make_policy(true);

	policy.programs[0].other = 7;
	judged(&policy, LOADED_TAMPERED, "two programs device_open (IDs 100 and 7)");
	cr_assert(loaded_policy_ambiguous(&policy));
	policy = make_policy(true);
	policy.other_maps[POLICY_COUNTERS] = 7;
	judged(&policy, LOADED_TAMPERED, "two different maps counters");
	cr_assert(loaded_policy_ambiguous(&policy));
	policy = make_policy(true);
	policy.lockout = 8;
	judged(&policy, LOADED_CLOSED, "");
	policy.other_lockout_maps[POLICY_RECENT] = 7;
	judged(&policy, LOADED_TAMPERED, "the programs that close KVM use two different maps recent");
	cr_assert(loaded_policy_ambiguous(&policy));
}

Test(ctl_loaded, what_was_not_sealed_is_tampered_with)
{
	struct loaded_policy policy = make_policy(true);

	policy.programs[1].id = 7;
	judged(&policy, LOADED_TAMPERED, "the program claim_ioctl (ID 7) is not the one that was sealed");
	policy = make_policy(true);
	policy.maps[POLICY_RULES] = 7;
	judged(&policy, LOADED_TAMPERED, "the map rules with ID 7");
	/* Variables that user space could have written prove nothing: neither that, nor a seal. */
	policy.frozen = false;
	judged(&policy, LOADED_ENFORCED, "");
	cr_assert_not(loaded_policy_sealed(&policy));
}

Test(ctl_loaded, foreign_pins_are_tampered_with)
{
	for (int sealed = 0; sealed < 2; sealed++) {
		struct loaded_policy policy = make_policy(sealed);

		policy.pins = PINS_DIFFER;
		judged(&policy, LOADED_TAMPERED, "not the policy's own");
		policy.pins = PINS_PARTIAL;
		policy.map_pinned[POLICY_RULES] = false;
		judged(&policy, sealed ? LOADED_TAMPERED : LOADED_INCOMPLETE, "pins are missing");
		policy.pins = PINS_READ_ONLY;
		policy.map_pinned[POLICY_RULES] = true;
		judged(&policy, LOADED_ENFORCED, "");
	}
}
