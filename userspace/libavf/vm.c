/* SPDX-License-Identifier: Apache-2.0 */
#include "libavf/vm.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libavf/error.h"
#include "libavf/stop_reason.h"

void vm_lock(AVirtualMachine *vm)
{
	pthread_mutex_lock(&vm->service->state_lock);
}

void vm_unlock(AVirtualMachine *vm)
{
	pthread_mutex_unlock(&vm->service->state_lock);
}

bool vm_has_ended(AVirtualMachine *vm)
{
	bool ended;

	vm_lock(vm);
	ended = vm->ended;
	vm_unlock(vm);
	return ended;
}

int vm_take_living(AVirtualMachine *vm)
{
	int r = service_take(vm->service);

	if (r < 0 || !vm_has_ended(vm))
		return r;
	pthread_mutex_unlock(&vm->service->connection_lock);
	return avf_fail(-EIO, "VM is not running");
}

void vm_end(AVirtualMachine *vm, enum AVirtualMachineStopReason stop_reason, uint32_t reason, const char *text)
{
	vm->ended = true;
	vm->stop_reason = stop_reason;
	vm->end.reason = reason;
	strcpy(vm->end.text, text);
}

/* Of those that had this CID only the newest can still run. */
static AVirtualMachine *find_living(AVirtualMachine *vms, uint32_t cid)
{
	for (AVirtualMachine *vm = vms; vm; vm = vm->next)
		if (vm->cid == cid && !vm->ended)
			return vm;
	return NULL;
}

void vms_end(AVirtualMachine *vms, const struct evm_end *end)
{
	AVirtualMachine *vm = find_living(vms, end->cid);

	if (vm)
		vm_end(vm, stop_reason_of(end->reason), end->reason, end->text);
}

void vms_lose_manager(AVirtualMachine *vms)
{
	for (AVirtualMachine *vm = vms; vm; vm = vm->next)
		if (!vm->ended)
			vm_end(vm, AVIRTUAL_MACHINE_VIRTUALIZATION_SERVICE_DIED, EVM_DEATH_INFRASTRUCTURE_ERROR,
			       "the manager has gone, and the VM with it");
}

static bool may_be_left_out(enum evm_message_type type)
{
	return type == EVM_PAYLOAD_ERROR || type == EVM_PAYLOAD_LOG;
}

/* Nobody may ever ask for the events: what a guest can repeat must not take memory for ever. */
void vms_take_event(AVirtualMachine *vms, const struct evm_event *event)
{
	AVirtualMachine *vm = find_living(vms, event->cid);
	struct vm_event *taken;

	if (vm && event->type == EVM_PAYLOAD_FINISHED) {
		vm->finished = true;
		vm->exit_code = event->value;
	}
	if (!vm || (vm->event_count >= EVM_MAX_EVENTS && may_be_left_out(event->type)))
		return;
	taken = calloc(1, sizeof(*taken));
	if (!taken)
		return;
	taken->event.type = event->type;
	taken->event.value = event->value;
	strcpy(taken->event.text, event->text);
	*vm->events_end = taken;
	vm->events_end = &taken->next;
	vm->event_count++;
}

bool vm_wait(AVirtualMachine *vm, const struct timespec *deadline)
{
	while (!vm->ended)
		if (!service_wait(vm->service, deadline))
			return vm->ended;
	return true;
}

void vm_cancel_callback(AVirtualMachine *vm)
{
	vm->callback = NULL;
	pthread_cond_broadcast(&vm->service->changed);
	while (vm->in_callback && !pthread_equal(pthread_self(), vm->callback_thread))
		service_wait(vm->service, NULL);
}

void vm_unref(AVirtualMachine *vm)
{
	struct vm_event *event;

	if (--vm->references)
		return;
	while ((event = vm->events)) {
		vm->events = event->next;
		free(event);
	}
	service_unref(vm->service);
	free(vm);
}
