/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the facts about attached programs, their maps, the seal's record and the pins come to.  Pure.
 */
#include <stdarg.h>
#include <stdio.h>

#include "ctl/loaded_policy.h"

const char *pins_view_word(enum pins_view view)
{
	static const char *const words[] = {
		[PINS_NOT_READ] = NULL,   [PINS_MATCH] = "match",     [PINS_READ_ONLY] = "read_only",
		[PINS_HIDDEN] = "hidden", [PINS_PARTIAL] = "partial", [PINS_DIFFER] = "differ",
	};

	return words[view];
}

bool loaded_policy_ambiguous(const struct loaded_policy *policy)
{
	for (size_t i = 0; i < policy->program_count; i++)
		if (policy->programs[i].other)
			return true;
	for (size_t i = 0; i < POLICY_MAP_COUNT; i++)
		if (policy->other_maps[i] || policy->other_lockout_maps[i])
			return true;
	return false;
}

/* Without a seal a program whose pin was removed is about to end, or lives as long as somebody's descriptor. */
bool loaded_program_counts(const struct loaded_policy *policy, const struct loaded_program *program)
{
	return program->id && (program->pinned || loaded_policy_sealed(policy) || policy->pins == PINS_HIDDEN);
}

bool loaded_map_counts(const struct loaded_policy *policy, enum policy_map map)
{
	return policy->map_pinned[map] || loaded_policy_sealed(policy) || policy->pins == PINS_HIDDEN;
}

static bool is_in(const uint32_t *list, size_t count, uint32_t id)
{
	for (size_t i = 0; i < count; i++)
		if (list[i] == id)
			return true;
	return false;
}

static bool __attribute__((format(printf, 2, 3))) found(char *why, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why, LOADED_REASON_BYTES, format, args);
	va_end(args);
	return true;
}

static bool is_ambiguous(const struct loaded_policy *policy, char *why)
{
	for (size_t i = 0; i < policy->program_count; i++) {
		const struct loaded_program *program = &policy->programs[i];

		if (program->other)
			return found(
				why,
				"two programs %s (IDs %u and %u) are attached to the same hook, and only one can be the policy's",
				program->name, program->id, program->other);
	}
	for (size_t i = 0; i < POLICY_MAP_COUNT; i++)
		if (policy->other_maps[i])
			return found(why, "the programs use two different maps %s (IDs %u and %u)", policy_map_names[i],
				     policy->maps[i], policy->other_maps[i]);
	return false;
}

/* KVM is closed, and what was refused is read from the maps of one audit alone. */
static bool has_two_audits(const struct loaded_policy *policy, char *why)
{
	for (size_t i = 0; i < POLICY_MAP_COUNT; i++)
		if (policy->other_lockout_maps[i])
			return found(why, "the programs that close KVM use two different maps %s (IDs %u and %u)",
				     policy_map_names[i], policy->lockout_maps[i], policy->other_lockout_maps[i]);
	return false;
}

static bool differs_from_record(const struct loaded_policy *policy, char *why)
{
	if (!loaded_policy_sealed(policy))
		return false;
	for (size_t i = 0; i < policy->program_count; i++) {
		const struct loaded_program *program = &policy->programs[i];

		if (program->id && !is_in(policy->seal.programs, EVM_MAX_PROGRAMS, program->id))
			return found(why, "the program %s (ID %u) is not the one that was sealed", program->name,
				     program->id);
	}
	for (size_t i = 0; i < POLICY_MAP_COUNT; i++)
		if (policy->maps[i] && policy->maps[i] != policy->seal.maps[i])
			return found(why, "the programs use the map %s with ID %u, and ID %u was sealed",
				     policy_map_names[i], policy->maps[i], policy->seal.maps[i]);
	return false;
}

static bool has_foreign_pins(const struct loaded_policy *policy, char *why)
{
	if (policy->pins == PINS_DIFFER)
		return found(why, "what is pinned below %s is not what is attached: the pins are not the policy's own",
			     EVM_PIN_DIR);
	/* The seal lets nobody remove a pin. */
	if (policy->pins == PINS_PARTIAL && loaded_policy_sealed(policy))
		return found(why,
			     "pins are missing below %s, which the seal does not allow: these are not the policy's own",
			     EVM_PIN_DIR);
	return false;
}

static bool is_attached(const struct loaded_policy *policy)
{
	for (size_t i = 0; i < policy->program_count; i++)
		if (policy->programs[i].id)
			return true;
	return false;
}

static bool is_complete(const struct loaded_policy *policy)
{
	for (size_t i = 0; i < policy->program_count; i++)
		if (policy->programs[i].needed && !loaded_program_counts(policy, &policy->programs[i]))
			return false;
	for (size_t i = 0; i < POLICY_MAP_COUNT; i++)
		if (!loaded_map_counts(policy, (enum policy_map)i))
			return false;
	return policy->tasks != 0;
}

enum loaded_state loaded_policy_check(const struct loaded_policy *policy, char why[LOADED_REASON_BYTES])
{
	*why = '\0';
	if (policy->lockout)
		return has_two_audits(policy, why) ? LOADED_TAMPERED : LOADED_CLOSED;
	if (!is_attached(policy))
		return LOADED_NONE;
	if (is_ambiguous(policy, why) || differs_from_record(policy, why) || has_foreign_pins(policy, why))
		return LOADED_TAMPERED;
	if (is_complete(policy))
		return LOADED_ENFORCED;
	/* The loader attaches first, and makes the iterator last: until there are rules everyone is refused. */
	return policy->programs[0].id && !policy->tasks && !policy->has_rules ? LOADED_CLOSED : LOADED_INCOMPLETE;
}
