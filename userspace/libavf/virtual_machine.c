/* SPDX-License-Identifier: Apache-2.0 */
/* Android's functions on virtual machines. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "libavf/error.h"
#include "libavf/raw_config.h"
#include "libavf/vm.h"

/* Before it could end: the connection is still taken. */
static void add_vm(AVirtualMachine *vm)
{
	AVirtualizationService *service = vm->service;

	vm_lock(vm);
	for (AVirtualMachine *older = service->vms; older; older = older->next)
		if (older->cid == vm->cid)
			older->forgotten = true;
	vm->next = service->vms;
	service->vms = vm;
	vm_unlock(vm);
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

	vm_lock(vm);
	late = vm->started || vm->ended;
	vm->started = true;
	vm_unlock(vm);
	return late ? avf_fail(-EIO, "VM already started or failed") : 0;
}

static int start(AVirtualMachine *vm)
{
	int r = service_take(vm->service);

	if (r == 0)
		r = service_done(vm->service, evm_client_start_vm(&vm->service->client, vm->cid));
	if (r == 0)
		return 0;
	vm_lock(vm);
	vm->callback = NULL;
	if (!vm->ended)
		vm_end(vm, AVIRTUAL_MACHINE_START_FAILED, EVM_DEATH_START_FAILED, evm_error());
	pthread_cond_broadcast(&vm->service->changed);
	vm_unlock(vm);
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

	vm_lock(vm);
	while (vm->callback && !vm->ended)
		service_wait(vm->service, NULL);
	callback = vm->callback;
	if (callback) {
		vm->callback = NULL;
		vm->in_callback = true;
		vm_unlock(vm);
		callback(vm, vm->stop_reason, vm->callback_data);
		vm_lock(vm);
		vm->in_callback = false;
		pthread_cond_broadcast(&vm->service->changed);
	}
	vm_unlock(vm);
	vm_unref(vm);
	return NULL;
}

/* Before the start: afterwards it could fail, with a VM running that nobody was told of.  0 or a negative errno. */
static int set_callback(AVirtualMachine *vm, AVirtualMachine_stopCallback callback, void *data)
{
	int r;

	vm_lock(vm);
	vm->callback = callback;
	vm->callback_data = data;
	vm->references++;
	r = -pthread_create(&vm->callback_thread, NULL, call_back, vm);
	if (r == 0)
		pthread_detach(vm->callback_thread);
	else
		vm->callback = NULL;
	vm_unlock(vm);
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

int AVirtualMachine_stop(AVirtualMachine *vm)
{
	int r = vm_take_living(vm);

	if (r == 0)
		r = service_done(vm->service, evm_client_stop_vm(&vm->service->client, vm->cid));
	if (r < 0)
		return r;
	vm_lock(vm);
	vm_wait(vm, NULL);
	vm_unlock(vm);
	return 0;
}

int AVirtualMachine_connectVsock(AVirtualMachine *vm, uint32_t port)
{
	int fd = -1, r = vm_take_living(vm);

	if (r == 0)
		r = service_done(vm->service, evm_client_connect_vsock(&vm->service->client, vm->cid, port, &fd));
	return r < 0 ? r : fd;
}

bool AVirtualMachine_waitForStop(AVirtualMachine *vm, const struct timespec *timeout, enum AVirtualMachineStopReason *ret)
{
	struct timespec deadline;
	const struct timespec *until = service_deadline(timeout, &deadline);
	bool ended;

	vm_lock(vm);
	ended = vm_wait(vm, until);
	if (ended)
		*ret = vm->stop_reason;
	vm_unlock(vm);
	return ended;
}

/* The manager gives up the CID of a VM that was never started, and what it knows of one that has ended. */
static void drop(AVirtualMachine *vm)
{
	bool known;

	if (service_take(vm->service) < 0)
		return;
	vm_lock(vm);
	known = !vm->forgotten && !vm->service->lost;
	vm_unlock(vm);
	service_done(vm->service, known ? evm_client_drop_vm(&vm->service->client, vm->cid) : 0);
}

void AVirtualMachine_destroy(AVirtualMachine *vm)
{
	AVirtualMachine **at;

	if (!vm)
		return;
	vm_lock(vm);
	vm_cancel_callback(vm);
	vm_unlock(vm);
	if (!vm->held) {
		if (vm->started)
			AVirtualMachine_stop(vm);
		drop(vm);
	}
	vm_lock(vm);
	for (at = &vm->service->vms; *at != vm; at = &(*at)->next)
		;
	*at = vm->next;
	vm_unlock(vm);
	vm_unref(vm);
}
