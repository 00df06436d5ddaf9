/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules, cids, tasks: the contents of the kernel's maps.
 */
#include <inttypes.h>

#include "common/policy_words.h"
#include "ctl/commands.h"
#include "ctl/file_protection.h"
#include "ctl/linked_fields.h"
#include "ctl/policy_kernel.h"

static struct policy_table table;

static size_t list_kinds(uint32_t kinds, struct value *ret)
{
	size_t count = 0;

	for (uint32_t bit = 0; bit < KIND_WORDS; bit++)
		if (kinds >> bit & 1)
			ret[count++] = text(kind_word(bit));
	return count;
}

static void row_of_file(const struct listed_file *file, bool sealed, struct output *output)
{
	static const char *const states[] = {
		[FILE_SAME] = "same", [FILE_CHANGED] = "changed", [FILE_ABSENT] = "absent"
	};
	static struct linked_fields linked; /* too large for a stack */
	struct value kinds[KIND_WORDS];
	size_t kind_count = list_kinds(file->rule.kinds, kinds);
	char device[32], changed[48];

	snprintf(device, sizeof(device), "%u:%u", file->id.dev >> 20, file->id.dev & 0xfffff);
	snprintf(changed, sizeof(changed), "%" PRId64 ".%09u", (int64_t)file->id.ctime_sec, file->id.ctime_nsec);
	linked_fields_read("", file->rule.path, &linked);
	output_row(output,
		   (struct field[]){
			   { "client", file->rule.client ? number(file->rule.client) : nothing(), 6 },
			   { "kinds", list(kinds, kind_count), 14 },
			   { "device", text(device), 7 },
			   { "inode", identifier(file->id.ino), 8 },
			   { "generation", number(file->id.generation), 10 },
			   { "ctime", text(changed), 20 },
			   { "now", text(states[policy_table_file_state(file)]), 7 },
			   { "kept_by", text(file_protection_word(file_protection(file->rule.path, sealed))), 9 },
			   linked.fields[0],
			   linked.fields[1],
			   linked.fields[2],
			   linked.fields[3],
			   linked.fields[4],
			   { "path", text(file->rule.path), 1 },
		   },
		   9 + LINKED_FIELDS);
	linked_fields_free(&linked);
}

enum evm_exit_code ctl_rules(const struct ctl_options *options, struct output *output)
{
	struct evm_state state;
	int r = policy_kernel_table(&table);

	(void)options;
	if (r == 0)
		r = policy_kernel_state(&state);
	if (r < 0)
		return ctl_exit_code(r);
	output_begin(output);
	for (size_t i = 0; i < table.file_count; i++)
		row_of_file(&table.files[i], state.seal.sealed, output);
	return ctl_end(output, EVM_EXIT_OK);
}

enum evm_exit_code ctl_cids(const struct ctl_options *options, struct output *output)
{
	int r = policy_kernel_table(&table);

	(void)options;
	if (r < 0)
		return ctl_exit_code(r);
	output_begin(output);
	for (size_t i = 0; i < table.cid_count; i++) {
		const struct listed_cid *cid = &table.cids[i];

		output_row(output,
			   (struct field[]){
				   { "cid", number(cid->cid), 6 },
				   { "client", number(cid->listed.client), 6 },
				   { "name", text(cid->listed.name), 24 },
				   { "path", text(policy_table_client_path(&table, cid->listed.client)), 1 },
			   },
			   4);
	}
	return ctl_end(output, EVM_EXIT_OK);
}

static void row_of_task(void *data, const struct labelled_task *task)
{
	struct output *output = data;
	struct value cids[EVM_MAX_CIDS];
	size_t count = 0;

	for (size_t i = 0; i < table.cid_count; i++)
		if (task->label.client && table.cids[i].listed.client == task->label.client)
			cids[count++] = number(table.cids[i].cid);
	output_row(output,
		   (struct field[]){
			   { "pid", number(task->pid), 6 },
			   { "tid", number(task->tid), 6 },
			   { "comm", text(task->comm), 15 },
			   { "role", text(role_word(task->label.role)), 8 },
			   { "client", task->label.client ? number(task->label.client) : nothing(), 6 },
			   { "cids", list(cids, count), 11 },
			   { "path", text(policy_table_client_path(&table, task->label.client)), 1 },
		   },
		   7);
}

enum evm_exit_code ctl_tasks(const struct ctl_options *options, struct output *output)
{
	int r = policy_kernel_table(&table);

	(void)options;
	if (r < 0)
		return ctl_exit_code(r);
	output_begin(output);
	r = policy_kernel_tasks(row_of_task, output);
	return ctl_end(output, r < 0 ? ctl_exit_code(r) : EVM_EXIT_OK);
}
