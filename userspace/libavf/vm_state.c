/* SPDX-License-Identifier: Apache-2.0 */
#include "libavf/vm_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/count.h"
#include "early_vm/death_reason.h"

void vm_state_add(AVirtualMachine *vm)
{
	AVirtualizationService *service = vm->service;

	for (AVirtualMachine *older = service->vms; older; older = older->next)
		if (older->cid == vm->cid)
			older->forgotten = true;
	vm->next = service->vms;
	service->vms = vm;
}

void vm_state_remove(AVirtualMachine *vm)
{
	AVirtualMachine **at = &vm->service->vms;

	while (*at != vm)
		at = &(*at)->next;
	*at = vm->next;
}

enum AVirtualMachineStopReason stop_reason_of(uint32_t death)
{
	static const struct {
		uint32_t death;
		enum AVirtualMachineStopReason stop;
	} reasons[] = {
#define X(name, number, from_guest, stop) { number, AVIRTUAL_MACHINE_##stop },
		EVM_DEATH_REASONS(X)
#undef X
	};

	for (size_t i = 0; i < COUNT(reasons); i++)
		if (reasons[i].death == death)
			return reasons[i].stop;
	return AVIRTUAL_MACHINE_UNRECOGNISED;
}

void vm_state_end(AVirtualMachine *vm, enum AVirtualMachineStopReason stop_reason, uint32_t reason, const char *text)
{
	vm->ended = true;
	vm->stop_reason = stop_reason;
	vm->end.reason = reason;
	snprintf(vm->end.text, sizeof(vm->end.text), "%s", text);
	pthread_cond_broadcast(&vm->service->changed);
}

/* Of those that had this CID only the newest can still run. */
static AVirtualMachine *find_living(AVirtualMachine *vms, uint32_t cid)
{
	for (AVirtualMachine *vm = vms; vm; vm = vm->next)
		if (vm->cid == cid && !vm->ended)
			return vm;
	return NULL;
}

void vm_state_take_end(AVirtualizationService *service, const struct evm_end *end)
{
	AVirtualMachine *vm = find_living(service->vms, end->cid);

	if (vm)
		vm_state_end(vm, stop_reason_of(end->reason), end->reason, end->text);
}

void vm_state_lose_manager(AVirtualizationService *service)
{
	service->lost = true;
	for (AVirtualMachine *vm = service->vms; vm; vm = vm->next)
		if (!vm->ended)
			vm_state_end(vm, AVIRTUAL_MACHINE_VIRTUALIZATION_SERVICE_DIED, EVM_DEATH_INFRASTRUCTURE_ERROR,
				     "the manager has ended, and the VM with it");
}

enum { MORE_ERRORS = 16 };

/* The client may never fetch the events: what a guest can repeat must not take memory without a limit, nor lines the place of errors. */
static bool has_room(const AVirtualMachine *vm, uint16_t type)
{
	if (type == EVM_PAYLOAD_LOG)
		return vm->event_count < EVM_MAX_EVENTS;
	return type != EVM_PAYLOAD_ERROR || vm->event_count < EVM_MAX_EVENTS + MORE_ERRORS;
}

void vm_state_take_event(AVirtualizationService *service, const struct evm_event *event)
{
	AVirtualMachine *vm = find_living(service->vms, event->cid);
	struct vm_event *taken;

	if (vm && event->type == EVM_PAYLOAD_FINISHED) {
		vm->finished = true;
		vm->exit_code = event->value;
	}
	if (!vm || !has_room(vm, event->type))
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
	pthread_cond_broadcast(&service->changed);
}

bool vm_state_wait(AVirtualMachine *vm, const struct timespec *deadline)
{
	while (!vm->ended && !vm->destroyed)
		if (!service_wait(vm->service, deadline))
			break;
	return vm->ended;
}
