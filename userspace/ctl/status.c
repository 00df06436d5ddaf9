/* SPDX-License-Identifier: Apache-2.0 */
/*
 * status: which parts of the policy are pinned, and so in force, and its counters.
 */
#include <stdio.h>
#include <string.h>

#include <early_vm/proof.h>

#include "common/log.h"
#include "common/policy_pins.h"
#include "common/policy_words.h"
#include "ctl/commands.h"
#include "ctl/policy_kernel.h"

static const struct {
	const char *word;
	enum evm_exit_code code;
} states[POLICY_PINS_STATES] = {
	[POLICY_PINS_NONE] = { "none", EVM_EXIT_NO_POLICY },
	[POLICY_PINS_CLOSED] = { "closed", EVM_EXIT_NO_POLICY },
	[POLICY_PINS_INCOMPLETE] = { "incomplete", EVM_EXIT_NOT_ENFORCED },
	[POLICY_PINS_WHOLE] = { "enforced", EVM_EXIT_OK },
};

/* Names, and the IDs of the programs or maps, as bpftool shows them. */
static struct value pin_numbers(const struct policy_pin *pins, size_t count, struct field *fields)
{
	for (size_t i = 0; i < count; i++)
		fields[i] = (struct field){ pins[i].name, number(pins[i].id), 1 };
	return object(fields, count);
}

static enum evm_exit_code print_without_policy(enum policy_pins_state state, const struct policy_pins *pins, struct output *output)
{
	const char *names[POLICY_PINS_MAX];
	struct value missing[POLICY_PINS_MAX];
	struct field programs[POLICY_PINS_MAX];
	size_t count = policy_pins_missing(pins, names);

	for (size_t i = 0; i < count; i++)
		missing[i] = text(names[i]);
	output_begin(output);
	output_row(output, (struct field[]){
		{ "state", text(states[state].word), 1 },
		{ "programs", pin_numbers(pins->programs, pins->program_count, programs), 1 },
		{ "missing", list(missing, count), state == POLICY_PINS_INCOMPLETE },
	}, 3);
	if (state == POLICY_PINS_NONE)
		log_error("no policy is loaded: nothing is pinned below %s (early_vm_init loads it)", EVM_PIN_DIR);
	else if (state == POLICY_PINS_CLOSED)
		log_error("no policy is loaded, and early_vm_init has closed KVM: nobody can open the devices");
	else
		log_error("the policy is not whole: what is missing is not enforced");
	return ctl_end(output, states[state].code);
}

/* --- a complete policy --------------------------------------------------------------------------------------- */

static struct policy_table table;

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
		snprintf(words[i], sizeof(words[0]), "%.*s %u", (int)sizeof(seal->earlier[i].name), seal->earlier[i].name, seal->earlier[i].id);
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

static enum evm_exit_code print_policy(const struct policy_pins *pins, struct output *output)
{
	struct field refusals[EVM_REASON_COUNT], programs[POLICY_PINS_MAX], maps[POLICY_PINS_MAX];
	struct value reserved[EVM_MAX_RANGES], proofs[EVM_PROOF_COUNT], earlier[EVM_MAX_EARLIER];
	char earlier_words[EVM_MAX_EARLIER][48];
	char ranges[EVM_MAX_RANGES][24];
	struct evm_counter counters[EVM_REASON_COUNT];
	size_t tasks = 0, reasons;
	struct evm_state variables;
	uint64_t refused;
	int r = policy_kernel_table(&table);

	if (r == 0)
		r = policy_kernel_counters(counters);
	if (r == 0)
		r = policy_kernel_state(&variables);
	if (r == 0)
		r = policy_kernel_tasks(count_task, &tasks);
	if (r < 0)
		return ctl_exit_code(r);
	reasons = list_refusals(counters, refusals, &refused);
	output_begin(output);
	output_row(output, (struct field[]){
		{ "state", text(states[POLICY_PINS_WHOLE].word), 1 },
		{ "sealed", boolean(variables.seal.sealed), 1 },
		{ "proofs", list(proofs, list_proofs(variables.seal.proofs, proofs)), variables.seal.sealed },
		{ "earlier", list_earlier(&variables.seal, earlier_words, earlier), variables.seal.earlier_count != 0 },
		{ "programs", pin_numbers(pins->programs, pins->program_count, programs), 1 },
		{ "maps", pin_numbers(pins->maps, pins->map_count, maps), 1 },
		{ "rules", number(table.file_count), 1 },
		{ "clients", number(count_clients()), 1 },
		{ "cids", number(table.cid_count), 1 },
		{ "reserved", list(reserved, list_reserved(ranges, reserved)), 1 },
		{ "threads", number(tasks), 1 },
		{ "refused", number(refused), 1 },
		{ "reasons", object(refusals, reasons), 1 },
		{ "dropped", number(counters[EVM_ALLOWED].count), 1 },
	}, 14);
	return ctl_end(output, EVM_EXIT_OK);
}

enum evm_exit_code ctl_status(const struct ctl_options *options, struct output *output)
{
	static struct policy_pins pins;
	enum policy_pins_state state;

	(void)options;
	if (policy_pins_read(&pins))
		return EVM_EXIT_FAILURE;
	state = policy_pins_judge(&pins);
	if (state != POLICY_PINS_WHOLE)
		return print_without_policy(state, &pins, output);
	return print_policy(&pins, output);
}
