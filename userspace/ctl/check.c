/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check: the entries that would be enforced; refused ones are logged.
 */
#include "common/cleanup.h"
#include "ctl/commands.h"
#include "ctl/linked_fields.h"
#include "ctl/policy_files.h"

enum evm_exit_code ctl_check(const struct ctl_options *options, struct output *output)
{
	_cleanup_(early_vms_free) struct early_vms vms = {};
	enum evm_exit_code code = policy_files_read(options->root, options->policy, &vms, NULL);

	if (code != EVM_EXIT_OK)
		return code;
	output_begin(output);
	for (size_t i = 0; i < vms.count; i++) {
		const struct early_vm *vm = &vms.entries[i];
		static struct linked_fields linked; /* too large for a stack */

		linked_fields_read(options->root, vm->path, &linked);
		output_row(output,
			   (struct field[]){
				   { "partition", text(vm->partition), 10 },
				   { "cid", number(vm->cid), 5 },
				   { "name", text(vm->name), 24 },
				   { "path", text(vm->path), 40 },
				   { "line", number((uint64_t)vm->line), 4 },
				   linked.fields[0],
				   linked.fields[1],
				   linked.fields[2],
				   linked.fields[3],
				   linked.fields[4],
				   { "file", text(vm->file), 1 },
			   },
			   6 + LINKED_FIELDS);
		linked_fields_free(&linked);
	}
	return ctl_end(output, vms.refused ? EVM_EXIT_ENTRIES_REFUSED : EVM_EXIT_OK);
}
