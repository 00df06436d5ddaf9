/* SPDX-License-Identifier: Apache-2.0 */
/*
 * status: which parts of the policy are attached, and so in force, what is proved of them, and its counters.
 */
#include <stdio.h>
#include <string.h>

#include <early_vm/proof.h>

#include "common/log.h"
#include "common/policy_words.h"
#include "ctl/commands.h"
#include "ctl/policy_kernel.h"
#include "ctl/status_trial.h"

static const struct {
	const char *word;
	enum evm_exit_code code;
	enum output_tone tone;
} states[LOADED_STATES] = {
	[LOADED_NONE] = { "none", EVM_EXIT_NO_POLICY, TONE_BAD },
	[LOADED_CLOSED] = { "closed", EVM_EXIT_NO_POLICY, TONE_BAD },
	[LOADED_INCOMPLETE] = { "incomplete", EVM_EXIT_NOT_ENFORCED, TONE_BAD },
	[LOADED_ENFORCED] = { "enforced", EVM_EXIT_OK, TONE_GOOD },
	[LOADED_TAMPERED] = { "tampered", EVM_EXIT_TAMPERED, TONE_BAD },
};

static struct value state_value(enum loaded_state state)
{
	return toned(text(states[state].word), states[state].tone);
}

/* Names, and the IDs of the programs or maps, as bpftool shows them. */
static struct value program_numbers(const struct loaded_policy *policy, struct field *fields)
{
	size_t count = 0;

	for (size_t i = 0; i < policy->program_count; i++)
		if (loaded_program_counts(policy, &policy->programs[i]))
			fields[count++] = (struct field){ policy->programs[i].name, number(policy->programs[i].id), 1 };
	return object(fields, count);
}

static struct value map_numbers(const struct loaded_policy *policy, struct field *fields)
{
	size_t count = 0;

	for (size_t i = 0; i < POLICY_MAP_COUNT; i++)
		if (policy->maps[i])
			fields[count++] = (struct field){ policy_map_names[i], number(policy->maps[i]), 1 };
	return object(fields, count);
}

static struct value missing_names(const struct loaded_policy *policy, struct value *names)
{
	size_t count = 0;

	for (size_t i = 0; i < policy->program_count; i++)
		if (policy->programs[i].needed && !loaded_program_counts(policy, &policy->programs[i]))
			names[count++] = text(policy->programs[i].name);
	for (size_t i = 0; i < POLICY_MAP_COUNT; i++)
		if (!loaded_map_counts(policy, (enum policy_map)i))
			names[count++] = text(policy_map_names[i]);
	if (!policy->tasks)
		names[count++] = text("tasks");
	return list(names, count);
}

/* What the state means, where it is not what the reader hopes for. */
static void explain_state(enum loaded_state state)
{
	switch (state) {
	case LOADED_NONE:
		log_error("no policy is loaded: no program of one is attached (early_vm_init loads it)");
		return;
	case LOADED_CLOSED:
		log_error("no policy is loaded, and early_vm_init has closed KVM: nobody can open the devices");
		return;
	case LOADED_INCOMPLETE:
		log_error("the policy is not whole: what is missing is not enforced");
		return;
	default:
		return; /* tampered: said when it was found */
	}
}

static void explain_pins(enum pins_view pins)
{
	if (pins == PINS_READ_ONLY)
		log_warning(
			"the BPF file system is mounted read-only here, so the pins of links can't be compared; the policy is in force all the same");
	else if (pins == PINS_HIDDEN)
		log_warning(
			"no pin is visible below %s (another mount hides them, or this mount namespace lacks the file system); "
			"the policy is in force all the same",
			EVM_PIN_DIR);
}

/* --- no complete policy ------------------------------------------------------------------------------------- */

static size_t list_refusals(const struct evm_counter *counters, struct field *ret, uint64_t *ret_sum)
{
	size_t count = 0;
	uint64_t sum = 0;

	for (uint32_t reason = EVM_ALLOWED + 1; reason < EVM_REASON_COUNT; reason++) {
		sum += counters[reason].count;
		if (counters[reason].count)
			ret[count++] = (struct field){ reason_word(reason), number(counters[reason].count), 1 };
	}
	*ret_sum = sum;
	return count;
}

/* What is refused while KVM is closed, where it is recorded. */
static bool read_counters_of_closed(enum loaded_state state, struct evm_counter counters[EVM_REASON_COUNT])
{
	return state == LOADED_CLOSED && policy_kernel_has_audit(AUDIT_LOCKOUT) &&
	       policy_kernel_counters(counters) == 0;
}

static enum evm_exit_code print_without_policy(enum loaded_state state, const struct loaded_policy *policy,
					       struct output *output)
{
	struct field programs[LOADED_PROGRAMS_MAX];
	struct value missing[LOADED_PROGRAMS_MAX + POLICY_MAP_COUNT + 1];
	struct evm_counter counters[EVM_REASON_COUNT] = {};
	struct field refusals[EVM_REASON_COUNT];
	bool recorded = read_counters_of_closed(state, counters);
	uint64_t refused;
	size_t reasons = list_refusals(counters, refusals, &refused);

	output_begin(output);
	output_row(output,
		   (struct field[]){
			   { "state", state_value(state), 1 },
			   { "pins", text(pins_view_word(policy->pins)), state != LOADED_NONE },
			   { "programs", program_numbers(policy, programs), 1 },
			   { "missing", missing_names(policy, missing), state == LOADED_INCOMPLETE },
			   { "refused", recorded ? number(refused) : nothing(), recorded },
			   { "reasons", recorded ? object(refusals, reasons) : nothing(), recorded },
			   { "dropped", recorded ? number(counters[EVM_ALLOWED].count) : nothing(), recorded },
		   },
		   7);
	explain_state(state);
	return ctl_end(output, states[state].code);
}

/* --- a complete policy --------------------------------------------------------------------------------------- */

static struct policy_table table;

/* What was tried after sealing, and refused (early_vm/proof.h). */
static size_t list_proofs(uint64_t proofs, struct value *ret)
{
	static const char *const proof_words[EVM_PROOF_COUNT] = {
#define PROOF_WORD(name, word, what) [EVM_PROOF_##name] = word,
		EVM_PROOFS(PROOF_WORD)
#undef PROOF_WORD
	};
	size_t count = 0;

	for (size_t i = 0; i < EVM_PROOF_COUNT; i++)
		if (proofs >> i & 1)
			ret[count++] = text(proof_words[i]);
	return count;
}

static size_t count_clients(void)
{
	size_t count = 0;

	for (size_t i = 0; i < table.file_count; i++)
		count += table.files[i].rule.client != 0;
	return count;
}

static size_t list_reserved(char (*words)[24], struct value *ret)
{
	size_t count = 0;

	for (size_t i = 0; i < EVM_MAX_RANGES; i++) {
		if (table.reserved[i].first >= table.reserved[i].end)
			continue;
		snprintf(words[count], sizeof(words[0]), "%u..%u", table.reserved[i].first, table.reserved[i].end);
		ret[count] = text(words[count]);
		count++;
	}
	return count;
}

/* Names and IDs of other programs that were attached before the seal, which would refuse them now. */
static struct value list_earlier(const struct evm_seal *seal, char (*words)[48], struct value *ret)
{
	size_t count = seal->earlier_count < EVM_MAX_EARLIER ? seal->earlier_count : EVM_MAX_EARLIER;

	for (size_t i = 0; i < count; i++) {
		snprintf(words[i], sizeof(words[0]), "%.*s %u", (int)sizeof(seal->earlier[i].name),
			 seal->earlier[i].name, seal->earlier[i].id);
		ret[i] = text(words[i]);
	}
	return list(ret, count);
}

static void count_task(void *data, const struct labelled_task *task)
{
	size_t *count = data;

	(void)task;
	(*count)++;
}

/* What this run found by itself, apart from the proofs that early_vm_init left. */
static size_t list_verified(const struct loaded_policy *policy, enum loaded_state state, enum trial trial,
			    struct value *ret)
{
	const struct {
		bool found;
		const char *word;
	} facts[] = {
		{ state == LOADED_ENFORCED || policy->pins == PINS_DIFFER, "hooks" },
		{ !loaded_policy_ambiguous(policy), "maps" },
		{ policy->frozen, "frozen" },
		{ loaded_policy_sealed(policy) && state == LOADED_ENFORCED, "record" },
		{ policy->pins == PINS_MATCH, "pins" },
		{ trial == TRIAL_REFUSED, "refused" },
	};
	size_t count = 0;

	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++)
		if (facts[i].found)
			ret[count++] = text(facts[i].word);
	return count;
}

enum { VERIFIED_MAX = 6 };

static enum evm_exit_code print_policy(const struct loaded_policy *policy, enum loaded_state state, enum trial trial,
				       struct output *output)
{
	struct field refusals[EVM_REASON_COUNT], programs[LOADED_PROGRAMS_MAX], maps[POLICY_MAP_COUNT];
	struct value reserved[EVM_MAX_RANGES], proofs[EVM_PROOF_COUNT], earlier[EVM_MAX_EARLIER],
		verified[VERIFIED_MAX];
	char earlier_words[EVM_MAX_EARLIER][48];
	char ranges[EVM_MAX_RANGES][24];
	struct evm_counter counters[EVM_REASON_COUNT];
	const struct evm_seal *seal = &policy->seal;
	bool sealed = loaded_policy_sealed(policy);
	size_t tasks = 0, reasons;
	uint64_t refused;
	int r = policy_kernel_table(&table);

	if (r == 0)
		r = policy_kernel_counters(counters);
	if (r == 0)
		r = policy_kernel_tasks(count_task, &tasks);
	if (r < 0)
		return ctl_exit_code(r);
	reasons = list_refusals(counters, refusals, &refused);
	output_begin(output);
	output_row(output,
		   (struct field[]){
			   { "state", state_value(state), 1 },
			   { "sealed", toned(boolean(sealed), sealed ? TONE_GOOD : TONE_BAD), 1 },
			   { "verified", list(verified, list_verified(policy, state, trial, verified)), 1 },
			   { "pins", text(pins_view_word(policy->pins)), 1 },
			   { "proofs", list(proofs, list_proofs(seal->proofs, proofs)), sealed },
			   { "earlier", list_earlier(seal, earlier_words, earlier), seal->earlier_count != 0 },
			   { "programs", program_numbers(policy, programs), 1 },
			   { "maps", map_numbers(policy, maps), 1 },
			   { "rules", number(table.file_count), 1 },
			   { "clients", number(count_clients()), 1 },
			   { "cids", number(table.cid_count), 1 },
			   { "reserved", list(reserved, list_reserved(ranges, reserved)), 1 },
			   { "threads", number(tasks), 1 },
			   { "refused", number(refused), 1 },
			   { "reasons", object(refusals, reasons), 1 },
			   { "dropped", number(counters[EVM_ALLOWED].count), 1 },
		   },
		   16);
	explain_pins(policy->pins);
	return ctl_end(output, trial == TRIAL_FAILED ? EVM_EXIT_NOT_ENFORCED : states[state].code);
}

enum evm_exit_code ctl_status(const struct ctl_options *options, struct output *output)
{
	const struct loaded_policy *policy;
	enum trial trial = TRIAL_NOT_MADE;
	enum loaded_state state;

	if (policy_kernel_loaded(&policy, &state))
		return EVM_EXIT_FAILURE;
	if (loaded_policy_ambiguous(policy) || (state != LOADED_ENFORCED && state != LOADED_TAMPERED))
		return print_without_policy(state, policy, output);
	if (options->try)
		trial = status_trial();
	return print_policy(policy, state, trial, output);
}
