/* SPDX-License-Identifier: Apache-2.0 */
/* Android's functions on virtual machines, and ours. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "libavf/error.h"
#include "libavf/raw_config.h"
#include "libavf/vm.h"

static void lock(AVirtualMachine *vm)
{
	pthread_mutex_lock(&vm->service->state_lock);
}

static void unlock(AVirtualMachine *vm)
{
	pthread_mutex_unlock(&vm->service->state_lock);
}

/* Before it could end: the connection is still taken. */
static void add_vm(AVirtualMachine *vm)
{
	AVirtualizationService *service = vm->service;

	lock(vm);
	for (AVirtualMachine *older = service->vms; older; older = older->next)
		if (older->cid == vm->cid)
			older->forgotten = true;
	vm->next = service->vms;
	service->vms = vm;
	unlock(vm);
}

static int create_vm(AVirtualizationService *service, const struct evm_vm_config *config, AVirtualMachine **ret)
{
	_cleanup_free_ AVirtualMachine *vm = calloc(1, sizeof(*vm));
	int r;

	if (!vm)
		return avf_fail(-EIO, "%s", strerror(ENOMEM));
	r = service_take(service);
	if (r < 0)
		return r;
	r = evm_client_create_vm(&service->client, config, &vm->cid);
	if (r < 0)
		return service_done(service, r);
	vm->references = 1;
	vm->service = service_ref(service);
	vm->events_end = &vm->events;
	add_vm(vm);
	*ret = steal_pointer(vm);
	return service_done(service, 0);
}

static void cleanup_config(AVirtualMachineRawConfig **config)
{
	AVirtualMachineRawConfig_destroy(*config);
}

/* The handle is const in Android's interface, and what it stands for changes with every request. */
int AVirtualMachine_createRaw(const AVirtualizationService *service, AVirtualMachineRawConfig *config, int console_out,
			      int console_in, int log, AVirtualMachine **ret)
{
	_cleanup_close_ int owned_out = console_out, owned_in = console_in, owned_log = log;
	_cleanup_(cleanup_config) AVirtualMachineRawConfig *owned_config = config;
	struct evm_vm_config wanted;

	if (raw_config_read(owned_config, &wanted) < 0)
		return -EIO;
	wanted.console = owned_out;
	wanted.console_in = owned_in;
	wanted.log = owned_log;
	return create_vm((AVirtualizationService *)service, &wanted, ret);
}

/* 0, or -EIO: it was tried before. */
static int claim_start(AVirtualMachine *vm)
{
	bool late;

	lock(vm);
	late = vm->started || vm->ended;
	vm->started = true;
	unlock(vm);
	return late ? avf_fail(-EIO, "VM already started or failed") : 0;
}

static int start(AVirtualMachine *vm)
{
	int r = service_take(vm->service);

	if (r == 0)
		r = service_done(vm->service, evm_client_start_vm(&vm->service->client, vm->cid));
	if (r == 0)
		return 0;
	lock(vm);
	vm->callback = NULL;
	if (!vm->ended)
		vm_end(vm, AVIRTUAL_MACHINE_START_FAILED, EVM_DEATH_START_FAILED, evm_error());
	pthread_cond_broadcast(&vm->service->changed);
	unlock(vm);
	return r;
}

int AVirtualMachine_start(AVirtualMachine *vm)
{
	int r = claim_start(vm);

	return r < 0 ? r : start(vm);
}

/* The lock is not held while the callback runs: it may use the VM, and destroy it. */
static void *call_back(void *data)
{
	AVirtualMachine *vm = data;
	AVirtualMachine_stopCallback callback;

	lock(vm);
	while (vm->callback && !vm->ended)
		service_wait(vm->service, NULL);
	callback = vm->callback;
	if (callback) {
		vm->callback = NULL;
		vm->in_callback = true;
		unlock(vm);
		callback(vm, vm->stop_reason, vm->callback_data);
		lock(vm);
		vm->in_callback = false;
		pthread_cond_broadcast(&vm->service->changed);
	}
	unlock(vm);
	vm_unref(vm);
	return NULL;
}

/* Before the start: afterwards it could fail, with a VM running that nobody was told of.  0 or a negative errno. */
static int set_callback(AVirtualMachine *vm, AVirtualMachine_stopCallback callback, void *data)
{
	int r;

	lock(vm);
	vm->callback = callback;
	vm->callback_data = data;
	vm->references++;
	r = -pthread_create(&vm->callback_thread, NULL, call_back, vm);
	if (r == 0)
		pthread_detach(vm->callback_thread);
	else
		vm->callback = NULL;
	unlock(vm);
	if (r == 0)
		return 0;
	vm_unref(vm);
	return avf_fail(r, "a thread for the stop callback can't be made: %s", strerror(-r));
}

int AVirtualMachine_startWithStopCallback(AVirtualMachine *vm, AVirtualMachine_stopCallback callback, void *data)
{
	int r = claim_start(vm);

	if (r == 0 && callback)
		r = set_callback(vm, callback, data);
	return r < 0 ? r : start(vm);
}

static bool has_ended(AVirtualMachine *vm)
{
	bool ended;

	lock(vm);
	ended = vm->ended;
	unlock(vm);
	return ended;
}

/* Takes the connection for a request about VM.  A number of a VM that has ended could be that of the next one. */
static int take_living(AVirtualMachine *vm)
{
	int r = service_take(vm->service);

	if (r < 0 || !has_ended(vm))
		return r;
	pthread_mutex_unlock(&vm->service->connection_lock);
	return avf_fail(-EIO, "VM is not running");
}

int AVirtualMachine_stop(AVirtualMachine *vm)
{
	int r = take_living(vm);

	if (r == 0)
		r = service_done(vm->service, evm_client_stop_vm(&vm->service->client, vm->cid));
	if (r < 0)
		return r;
	lock(vm);
	vm_wait(vm, NULL);
	unlock(vm);
	return 0;
}

int AVirtualMachine_connectVsock(AVirtualMachine *vm, uint32_t port)
{
	int fd = -1, r = take_living(vm);

	if (r == 0)
		r = service_done(vm->service, evm_client_connect_vsock(&vm->service->client, vm->cid, port, &fd));
	return r < 0 ? r : fd;
}

bool AVirtualMachine_waitForStop(AVirtualMachine *vm, const struct timespec *timeout, enum AVirtualMachineStopReason *ret)
{
	struct timespec deadline;
	const struct timespec *until = service_deadline(timeout, &deadline);
	bool ended;

	lock(vm);
	ended = vm_wait(vm, until);
	if (ended)
		*ret = vm->stop_reason;
	unlock(vm);
	return ended;
}

/* The manager gives up the CID of a VM that was never started, and what it knows of one that has ended. */
static void drop(AVirtualMachine *vm)
{
	bool known;

	if (service_take(vm->service) < 0)
		return;
	lock(vm);
	known = !vm->forgotten && !vm->service->lost;
	unlock(vm);
	service_done(vm->service, known ? evm_client_drop_vm(&vm->service->client, vm->cid) : 0);
}

void AVirtualMachine_destroy(AVirtualMachine *vm)
{
	AVirtualMachine **at;

	if (!vm)
		return;
	lock(vm);
	vm_cancel_callback(vm);
	unlock(vm);
	if (vm->started)
		AVirtualMachine_stop(vm);
	drop(vm);
	lock(vm);
	for (at = &vm->service->vms; *at != vm; at = &(*at)->next)
		;
	*at = vm->next;
	unlock(vm);
	vm_unref(vm);
}

uint32_t evm_vm_cid(const AVirtualMachine *vm)
{
	return vm->cid;
}

int evm_vm_state(AVirtualMachine *vm, enum evm_vm_state *ret)
{
	uint32_t state, reason;
	int r;

	if (has_ended(vm)) {
		*ret = EVM_STATE_DEAD;
		return 0;
	}
	r = service_take(vm->service);
	if (r == 0)
		r = service_done(vm->service, evm_client_get_state(&vm->service->client, vm->cid, &state, &reason));
	if (r == 0)
		*ret = state;
	return r;
}

int evm_vm_end(AVirtualMachine *vm, struct evm_vm_end *ret)
{
	bool ended;

	lock(vm);
	ended = vm->ended;
	if (ended)
		*ret = vm->end;
	unlock(vm);
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

	lock(vm);
	while (!vm->events && !vm->ended && service_wait(vm->service, until))
		;
	event = take_event(vm);
	unlock(vm);
	if (event)
		*ret = event->event;
	return event;
}
