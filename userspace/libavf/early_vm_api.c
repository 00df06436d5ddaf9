/* SPDX-License-Identifier: Apache-2.0 */
/* The functions of early_vm/client.h. */
#include <errno.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/transport.h"
#include "common/vm_unhold.h"
#include "libavf/error.h"
#include "libavf/virtualization_service.h"
#include "libavf/vm_state.h"

uint32_t evm_vm_cid(const AVirtualMachine *vm)
{
	return vm->cid;
}

int evm_vm_state(AVirtualMachine *vm, enum evm_vm_state *ret)
{
	VM_IN_USE(vm);
	struct evm_vm_status status;
	bool ended;
	int r;

	vm_lock(vm);
	ended = vm->ended;
	vm_unlock(vm);
	if (ended) {
		*ret = EVM_STATE_DEAD;
		return 0;
	}
	r = vm_request_begin(vm);
	if (r == 0)
		r = request_end(vm->service, evm_client_get_state(&vm->service->client, vm->cid, &status));
	if (r == 0)
		*ret = status.state;
	return r;
}

int evm_vm_exit_code(AVirtualMachine *vm, int32_t *ret)
{
	VM_IN_USE(vm);
	bool finished;

	vm_lock(vm);
	finished = vm->finished;
	if (finished)
		*ret = vm->exit_code;
	vm_unlock(vm);
	return finished ? 0 : -EAGAIN;
}

int evm_vm_end(AVirtualMachine *vm, struct evm_vm_end *ret)
{
	VM_IN_USE(vm);
	bool ended;

	vm_lock(vm);
	ended = vm->ended;
	if (ended)
		*ret = vm->end;
	vm_unlock(vm);
	return ended ? 0 : -EAGAIN;
}

static struct vm_event *take_event(AVirtualMachine *vm)
{
	struct vm_event *event = vm->events;

	if (!event)
		return NULL;
	vm->events = event->next;
	if (!vm->events)
		vm->events_end = &vm->events;
	vm->event_count--;
	return event;
}

bool evm_vm_next_event(AVirtualMachine *vm, const struct timespec *timeout, struct evm_vm_event *ret)
{
	VM_IN_USE(vm);
	struct timespec deadline;
	const struct timespec *until = deadline_of(timeout, &deadline);
	_cleanup_free_ struct vm_event *event = NULL;

	vm_lock(vm);
	while (!vm->events && !vm->ended && !vm->destroying && service_wait(vm->service, until))
		;
	event = take_event(vm);
	vm_unlock(vm);
	if (event)
		*ret = event->event;
	return event;
}

static int set_held(AVirtualMachine *vm, int (*request)(struct evm_client *client, uint32_t cid), bool held)
{
	VM_IN_USE(vm);
	int r = vm_request_begin(vm);

	if (r == 0)
		r = request_end(vm->service, request(&vm->service->client, vm->cid));
	if (r < 0)
		return r;
	vm_lock(vm);
	vm->held = held;
	vm_unlock(vm);
	return 0;
}

int evm_vm_hold(AVirtualMachine *vm)
{
	return set_held(vm, evm_client_hold_vm, true);
}

int evm_vm_unhold(AVirtualMachine *vm)
{
	return set_held(vm, evm_client_unhold_vm, false);
}

int evm_drop_held_vm(uint32_t cid)
{
	struct evm_message answer;
	int r = vm_unhold(cid, &answer);

	if (r < 0)
		return avf_fail(-EIO, "the manager of the VM with CID %u does not answer: %s", cid, strerror(-r));
	evm_message_close(&answer);
	return answer.status == EVM_STATUS_OK ? 0 : avf_fail_status(answer.status, "%s", answer.text);
}

static void copy_info(const struct evm_message *message, struct evm_vm_info *ret)
{
	*ret = (struct evm_vm_info){
		.cid = message->cid,
		.state = message->state,
		.protected_vm = message->protected_vm,
		.held = message->held,
		.manager_pid = message->manager_pid,
		.vmm_pid = message->vmm_pid,
		.client_pid = message->client_pid,
		.client_uid = message->client_uid,
	};
	strcpy(ret->name, message->name);
	strcpy(ret->client_path, message->path);
}

int evm_list_vms(AVirtualizationService *service, uint32_t from, struct evm_vm_info *ret)
{
	SERVICE_IN_USE(service);
	struct evm_message message;
	int r = request_begin(service), listed;

	if (r < 0)
		return r;
	listed = evm_client_list_vms(&service->client, from, &message);
	r = request_end(service, listed == -ENOENT ? 0 : listed);
	if (r == 0 && listed == -ENOENT)
		return -ENOENT;
	if (r == 0)
		copy_info(&message, ret);
	return r;
}

int evm_initialize_writable_partition(AVirtualizationService *service, int fd, int64_t size,
				      enum evm_partition_type type)
{
	SERVICE_IN_USE(service);
	int r = size < 0 ? avf_fail(-EIO, "Invalid size: %lld", (long long)size) : request_begin(service);

	if (r < 0)
		return r;
	return request_end(service, evm_client_initialize_partition(&service->client, fd, (uint64_t)size, type));
}

int evm_create_or_update_idsig_file(AVirtualizationService *service, int apk, int idsig)
{
	SERVICE_IN_USE(service);
	int r = request_begin(service);

	if (r < 0)
		return r;
	return request_end(service, evm_client_create_or_update_idsig(&service->client, apk, idsig));
}
