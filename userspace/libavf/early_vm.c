/* SPDX-License-Identifier: Apache-2.0 */
/* What early_vm/client.h adds to Android's functions on virtual machines. */
#include <errno.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/transport.h"
#include "common/vm_unhold.h"
#include "libavf/error.h"
#include "libavf/vm.h"

uint32_t evm_vm_cid(const AVirtualMachine *vm)
{
	return vm->cid;
}

int evm_vm_state(AVirtualMachine *vm, enum evm_vm_state *ret)
{
	struct evm_vm_status status;
	int r;

	if (vm_has_ended(vm)) {
		*ret = EVM_STATE_DEAD;
		return 0;
	}
	r = service_take(vm->service);
	if (r == 0)
		r = service_done(vm->service, evm_client_get_state(&vm->service->client, vm->cid, &status));
	if (r == 0)
		*ret = status.state;
	return r;
}

int evm_vm_exit_code(AVirtualMachine *vm, int32_t *ret)
{
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
	struct timespec deadline;
	const struct timespec *until = service_deadline(timeout, &deadline);
	_cleanup_free_ struct vm_event *event = NULL;

	vm_lock(vm);
	while (!vm->events && !vm->ended && service_wait(vm->service, until))
		;
	event = take_event(vm);
	vm_unlock(vm);
	if (event)
		*ret = event->event;
	return event;
}

/* Asks for it with ASK, and notes that VM is HELD then. */
static int set_held(AVirtualMachine *vm, int (*ask)(struct evm_client *client, uint32_t cid), bool held)
{
	int r = vm_take_living(vm);

	if (r == 0)
		r = service_done(vm->service, ask(&vm->service->client, vm->cid));
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
		return avf_fail(-EIO, "the manager of the VM with CID %u can't be asked: %s", cid, strerror(-r));
	evm_message_close(&answer);
	return answer.status == EVM_STATUS_OK ? 0 : avf_fail(-EIO, "%s", answer.text);
}

static void copy_info(const struct evm_message *message, struct evm_vm_info *ret)
{
	*ret = (struct evm_vm_info){
		.cid = message->cid, .state = message->state, .protected_vm = message->protected_vm, .held = message->held,
		.manager_pid = message->manager_pid, .vmm_pid = message->vmm_pid, .client_pid = message->client_pid,
		.client_uid = message->client_uid,
	};
	strcpy(ret->name, message->name);
	strcpy(ret->client_path, message->path);
}

int evm_list_vms(AVirtualizationService *service, uint32_t from, struct evm_vm_info *ret)
{
	struct evm_message message;
	int r = service_take(service), asked;

	if (r < 0)
		return r;
	asked = evm_client_list_vms(&service->client, from, &message);
	r = service_done(service, asked == -ENOENT ? 0 : asked);
	if (r == 0 && asked == -ENOENT)
		return -ENOENT;
	if (r == 0)
		copy_info(&message, ret);
	return r;
}

int evm_initialize_writable_partition(AVirtualizationService *service, int fd, int64_t size, enum evm_partition_type type)
{
	int r = size < 0 ? avf_fail(-EIO, "Invalid size: %lld", (long long)size) : service_take(service);

	if (r < 0)
		return r;
	return service_done(service, evm_client_initialize_partition(&service->client, fd, (uint64_t)size, type));
}
