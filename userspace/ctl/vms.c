/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vms, drop: the VMs of all managers, and the one request that a manager takes from processes other than its client.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/count.h"
#include "common/log.h"
#include "common/number.h"
#include "common/transport.h"
#include "common/vm_info.h"
#include "common/vm_unhold.h"
#include "ctl/commands.h"

static const char *state_word(uint32_t state)
{
	static const char *const words[] = {
		[EVM_STATE_NOT_STARTED] = "not_started", [EVM_STATE_STARTING] = "starting",
		[EVM_STATE_STARTED] = "started",         [EVM_STATE_READY] = "ready",
		[EVM_STATE_FINISHED] = "finished",       [EVM_STATE_DEAD] = "dead",
	};

	return state < COUNT(words) ? words[state] : NULL;
}

static void row_of_vm(const struct evm_message *vm, struct output *output)
{
	output_row(output,
		   (struct field[]){
			   { "cid", number(vm->cid), 5 },
			   { "name", text(vm->name), 24 },
			   { "state", text(state_word(vm->state)), 11 },
			   { "ready", boolean(vm->state == EVM_STATE_READY), 5 },
			   { "held", boolean(vm->held), 4 },
			   { "protected", boolean(vm->protected_vm), 9 },
			   { "vmm", vm->vmm_pid ? number(vm->vmm_pid) : nothing(), 6 },
			   { "manager", number(vm->manager_pid), 7 },
			   { "client", number(vm->client_pid), 6 },
			   { "uid", number(vm->client_uid), 5 },
			   { "directory", text(vm->directory), 17 },
			   { "selinux_context", text(*vm->selinux_context ? vm->selinux_context : NULL), 15 },
			   { "path", text(vm->path), 1 },
		   },
		   13);
}

enum evm_exit_code ctl_vms(const struct ctl_options *options, struct output *output)
{
	struct evm_message vm;
	int r = vm_info_next(options->root, 0, &vm);

	if (r < 0 && r != -ENOENT)
		return EVM_EXIT_FAILURE;
	output_begin(output);
	for (; r == 0; r = vm_info_next(options->root, vm.cid + 1, &vm))
		row_of_vm(&vm, output);
	return ctl_end(output, r == -ENOENT ? EVM_EXIT_OK : EVM_EXIT_FAILURE);
}

static int read_cid(const char *word, uint32_t *ret)
{
	if (!word || number_parse(word, 0, VM_CID_END - 1, ret) < 0) {
		log_error("drop needs --cid with the CID of a VM, below %d", VM_CID_END);
		return -EINVAL;
	}
	return 0;
}

enum evm_exit_code ctl_drop(const struct ctl_options *options, struct output *output)
{
	struct evm_message answer;
	uint32_t cid;
	int r;

	if (read_cid(options->cid, &cid) < 0)
		return EVM_EXIT_USAGE;
	r = vm_unhold(cid, &answer);
	if (r == -ENOENT) {
		log_error("no VM with CID %u is held", cid);
		return EVM_EXIT_FAILURE;
	}
	if (r < 0) {
		log_error("the manager of the VM with CID %u can't be reached: %s", cid, strerror(-r));
		return EVM_EXIT_FAILURE;
	}
	evm_message_close(&answer);
	if (answer.status != EVM_STATUS_OK) {
		log_error("the manager of the VM with CID %u rejected the request: %s", cid, answer.text);
		return EVM_EXIT_FAILURE;
	}
	output_begin(output);
	output_row(output, (struct field[]){ { "cid", number(cid), 5 }, { "held", boolean(false), 1 } }, 2);
	return ctl_end(output, EVM_EXIT_OK);
}
