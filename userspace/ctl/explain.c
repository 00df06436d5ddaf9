/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explain: how the policy decides a request, and why.  The decisions are made by the same code as in the kernel
 * (early_vm/decide.h), on the loaded rules or on those of files.
 *
 * A task is followed in steps: its label, each file that it executes, and its request.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <early_vm/decide.h>

#include "common/cleanup.h"
#include "common/count.h"
#include "common/log.h"
#include "common/number.h"
#include "common/policy_words.h"
#include "ctl/commands.h"
#include "ctl/policy_files.h"
#include "ctl/policy_kernel.h"

static struct policy_table table;

/* The command line in the terms of the policy. */
struct question {
	struct evm_label label;
	struct evm_exec facts;
	uint32_t op; /* EVM_OP_EXEC: no request after the executions */
	uint32_t cid;
};

/* --- the command line ---------------------------------------------------------------------------------------- */

/* A client by its ID, as `rules` shows it, or by its path. */
static int parse_client(const char *word, uint32_t *ret)
{
	uint32_t client = 0;

	for (size_t i = 0; *word == '/' && i < table.file_count; i++)
		if (!strcmp(table.files[i].rule.path, word))
			client = table.files[i].rule.client;
	if (*word != '/' && number_parse(word, 0, UINT32_MAX, &client) < 0)
		client = 0;
	if (!policy_table_client_path(&table, client)) {
		log_error("--label: '%s' is neither the ID nor the path of a client", word);
		return -EINVAL;
	}
	*ret = client;
	return 0;
}

static int parse_label(const char *words, struct evm_label *ret)
{
	const char *colon = strchr(words, ':');
	_cleanup_free_ char *role = strndup(words, colon ? (size_t)(colon - words) : strlen(words));
	struct evm_label label = {};
	bool needs_client;

	if (!role || role_from_word(role, &label.role) < 0) {
		log_error("--label: '%s' is no role: none, client, manager, vmm, kvm_user", role ? role : words);
		return -EINVAL;
	}
	needs_client = label.role != EVM_ROLE_NONE && label.role != EVM_ROLE_KVM_USER;
	if (needs_client != (colon != NULL)) {
		log_error("--label: %s %s", role, needs_client ? "needs a client, as in client:1" : "has no client");
		return -EINVAL;
	}
	if (colon && parse_client(colon + 1, &label.client))
		return -EINVAL;
	*ret = label;
	return 0;
}

static int parse_fact(const char *word, struct evm_exec *facts)
{
	const struct {
		const char *word;
		__u32 *fact;
	} words[] = {
		{ "traced", &facts->traced },           { "user_ns", &facts->user_ns },
		{ "mount_ns", &facts->mount_ns },       { "no_new_privs", &facts->no_new_privs },
		{ "interpreted", &facts->interpreted }, { "not_elf", &facts->not_elf },
		{ "shared_fs", &facts->shared_fs },
	};

	for (size_t i = 0; i < COUNT(words); i++) {
		if (!strcmp(words[i].word, word)) {
			*words[i].fact = 1;
			return 0;
		}
	}
	log_error("--while: '%s' is none of traced, user_ns, mount_ns, no_new_privs, interpreted, not_elf, shared_fs",
		  word);
	return -EINVAL;
}

static int parse_request(const struct ctl_options *options, struct question *question)
{
	bool needs_cid;

	if (options->op && (op_from_word(options->op, &question->op) || question->op < EVM_OP_OPEN ||
			    question->op > EVM_OP_BIND_CID)) {
		log_error("--op: '%s' is none of open, receive, create_vm, vsock_ioctl, claim, start, bind, bind_cid",
			  options->op);
		return -EINVAL;
	}
	needs_cid = question->op >= EVM_OP_SET_CID;
	if (needs_cid != (options->cid != NULL)) {
		log_error("--op %s %s", options->op ? options->op : "is missing:",
			  needs_cid ? "needs --cid" : "--cid is for claim, start, bind and bind_cid only");
		return -EINVAL;
	}
	if (options->cid && number_parse(options->cid, 0, UINT32_MAX, &question->cid) < 0) {
		log_error("--cid: '%s' is no number from 0 to %u", options->cid, UINT32_MAX);
		return -EINVAL;
	}
	return 0;
}

static int parse_question(const struct ctl_options *options, struct question *ret)
{
	struct question question = {};
	int r = options->label ? parse_label(options->label, &question.label) : 0;

	if (r == 0 && !options->label && !options->binary_count && !options->op) {
		log_error("no request is given: use --label, --binary or --op");
		return -EINVAL;
	}
	for (size_t i = 0; r == 0 && i < options->fact_count; i++)
		r = parse_fact(options->facts[i], &question.facts);
	if (r == 0)
		r = parse_request(options, &question);
	if (r == 0)
		*ret = question;
	return r;
}

/* --- the decision -------------------------------------------------------------------------------------------- */

/* One step: its object, the label afterwards, and the decision. */
static void row_of_step(struct output *output, const char *step, struct value what, struct evm_label label,
			const char *answer, uint32_t reason, const char *because)
{
	output_row(output,
		   (struct field[]){
			   { "step", text(step), 11 },
			   { "object", what, 36 },
			   { "role", text(role_word(label.role)), 8 },
			   { "client", label.client ? number(label.client) : nothing(), 6 },
			   { "answer", text(answer), 10 },
			   { "reason", text(reason_word(reason)), 0 },
			   { "because", text(because), 1 },
		   },
		   7);
}

/* The explanation of an execution; the policy has reasons only for refusals. */
static const char *why_label(int found, const struct evm_rule *rule, struct evm_exec_verdict verdict)
{
	if (verdict.reason != EVM_ALLOWED)
		return reason_sentence(verdict.reason);
	if (verdict.next.role != EVM_ROLE_NONE)
		return verdict.secure ? "the file is listed; its environment is cleaned (AT_SECURE)" :
					"the file is listed; its manager made the environment";
	if (found == -ESTALE)
		return "the path is listed, but the file was changed or replaced since the policy was loaded";
	return rule->kinds ? "the file is listed, but not for a task with this label" : "the file is not listed";
}

static int explain_exec(const struct ctl_options *options, const char *path, struct question *question,
			struct output *output)
{
	struct evm_exec_verdict verdict;
	struct evm_rule rule = {};
	int r = policy_table_find(&table, options->root, path, &rule);

	if (r && r != -ESTALE) {
		log_error("--binary %s%s: %s", options->root, path, strerror(-r));
		return r;
	}
	verdict = evm_decide_exec(question->label, rule.client, rule.kinds, question->facts);
	question->label = verdict.next;
	row_of_step(output, "exec", text(path), verdict.next,
		    verdict.next.role != EVM_ROLE_NONE ? "labelled" : "unlabelled", verdict.reason,
		    why_label(r, &rule, verdict));
	return 0;
}

/* The owner of CID, as text. */
static void describe_owner(uint32_t cid, char *ret, size_t bytes)
{
	const struct listed_cid *listed = policy_table_cid(&table, cid);

	if (listed)
		snprintf(ret, bytes, "CID %u is listed for %s (VM %s)", cid,
			 policy_table_client_path(&table, listed->listed.client), listed->listed.name);
	else
		snprintf(ret, bytes, "CID %u is not listed%s", cid,
			 policy_table_reserves(&table, cid) ? ", but reserved" : "");
}

static void explain_access(const struct question *question, struct output *output)
{
	bool has_cid = question->op >= EVM_OP_SET_CID;
	const struct listed_cid *listed = has_cid ? policy_table_cid(&table, question->cid) : NULL;
	struct evm_access access = { .op = question->op,
				     .owner = listed ? listed->listed.client : 0,
				     .reserved = has_cid && policy_table_reserves(&table, question->cid) };
	uint32_t reason = evm_decide_access(question->label, access);
	char because[1024], owner[EVM_PATH_BYTES + EVM_NAME_BYTES + 64] = "";

	if (has_cid)
		describe_owner(question->cid, owner, sizeof(owner));
	snprintf(because, sizeof(because), "%s%s%s", reason_sentence(reason), has_cid ? "; " : "", owner);
	row_of_step(output, op_word(question->op), has_cid ? number(question->cid) : nothing(), question->label,
		    reason == EVM_ALLOWED ? "allowed" : "refused", reason, because);
}

/*
 * 1, 0 or a negative errno after a message.  Only root may query the kernel; for other users missing pins mean that no policy is
 * loaded.
 */
static int no_policy_is_loaded(void)
{
	const struct loaded_policy *policy;
	enum loaded_state state;
	int r;

	if (geteuid() && access(EVM_PIN_DIR, F_OK) && errno == ENOENT)
		return 1;
	r = policy_kernel_loaded(&policy, &state);
	return r ? r : state == LOADED_NONE;
}

static enum evm_exit_code read_table(const struct ctl_options *options)
{
	_cleanup_(early_vms_free) struct early_vms vms = {};
	int r = options->from_files ? 1 : no_policy_is_loaded();

	if (r == 0)
		r = policy_kernel_table(&table);
	if (r <= 0)
		return r < 0 ? ctl_exit_code(r) : EVM_EXIT_OK;
	if (!options->from_files)
		log_info("no policy is loaded: using the files");
	return policy_files_read(options->root, options->policy, &vms, &table);
}

enum evm_exit_code ctl_explain(const struct ctl_options *options, struct output *output)
{
	struct question question;
	enum evm_exit_code code = read_table(options);
	int r = 0;

	if (code != EVM_EXIT_OK)
		return code;
	if (parse_question(options, &question) < 0)
		return EVM_EXIT_USAGE;
	output_begin(output);
	row_of_step(output, "start", nothing(), question.label, NULL, EVM_ALLOWED, "the task before the first step");
	for (size_t i = 0; r == 0 && i < options->binary_count; i++)
		r = explain_exec(options, options->binaries[i], &question, output);
	if (r == 0 && question.op >= EVM_OP_OPEN)
		explain_access(&question, output);
	return ctl_end(output, r < 0 ? EVM_EXIT_FAILURE : EVM_EXIT_OK);
}
