/* SPDX-License-Identifier: Apache-2.0 */
/* AVirtualMachine_*: Android's functions on virtual machines. */
#include <errno.h>
#include <string.h>

#include "common/cleanup.h"
#include "libavf/error.h"
#include "libavf/raw_config.h"
#include "libavf/stop_callback.h"
#include "libavf/virtualization_service.h"
#include "libavf/vm_state.h"

static int create_vm(AVirtualizationService *service, const struct evm_vm_config *config, AVirtualMachine **ret)
{
	_cleanup_(cleanup_vm) AVirtualMachine *vm = vm_new(service);
	int r;

	if (!vm)
		return avf_fail(-EIO, "%s", strerror(ENOMEM));
	r = request_begin(service);
	if (r < 0)
		return r;
	r = evm_client_create_vm(&service->client, config, &vm->cid);
	if (r == 0) {
		/* While the connection is locked no notice of its end can have been received. */
		vm_lock(vm);
		vm_state_add(vm);
		vm_unlock(vm);
	}
	r = request_end(service, r);
	if (r == 0)
		*ret = steal_pointer(vm);
	return r;
}

static void cleanup_config(AVirtualMachineRawConfig **config)
{
	AVirtualMachineRawConfig_destroy(*config);
}

/* The handle is const in Android's interface, and what it stands for changes with every request. */
int AVirtualMachine_createRaw(const AVirtualizationService *service, AVirtualMachineRawConfig *config, int console_out,
			      int console_in, int log, AVirtualMachine **ret)
{
	SERVICE_IN_USE((AVirtualizationService *)service);
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

/* 0, or -EIO: start was called before. */
static int claim_start(AVirtualMachine *vm)
{
	bool late;

	vm_lock(vm);
	late = vm->started || vm->ended;
	vm->started = true;
	vm_unlock(vm);
	return late ? avf_fail(-EIO, "VM already started or failed") : 0;
}

/* After claim_start, when nothing was sent to the manager: the VM can be started still. */
static void unclaim_start(AVirtualMachine *vm)
{
	vm_lock(vm);
	vm->started = false;
	vm_unlock(vm);
}

static int start(AVirtualMachine *vm)
{
	int r = vm_request_begin(vm);

	if (r == 0)
		r = request_end(vm->service, evm_client_start_vm(&vm->service->client, vm->cid));
	if (r == 0)
		return 0;
	vm_lock(vm);
	vm->callback = NULL;
	if (!vm->ended)
		vm_state_end(vm, AVIRTUAL_MACHINE_START_FAILED, EVM_DEATH_START_FAILED, evm_error());
	pthread_cond_broadcast(&vm->service->changed);
	vm_unlock(vm);
	return r;
}

int AVirtualMachine_start(AVirtualMachine *vm)
{
	VM_IN_USE(vm);
	int r = claim_start(vm);

	return r < 0 ? r : start(vm);
}

int AVirtualMachine_startWithStopCallback(AVirtualMachine *vm, AVirtualMachine_stopCallback callback, void *data)
{
	VM_IN_USE(vm);
	int r = claim_start(vm);

	if (r < 0)
		return r;
	if (callback)
		r = stop_callback_set(vm, callback, data);
	if (r == 0)
		return start(vm);
	unclaim_start(vm);
	return r;
}

/* The request was begun. */
static int stop_and_wait(AVirtualMachine *vm)
{
	int r = request_end(vm->service, evm_client_stop_vm(&vm->service->client, vm->cid));

	if (r < 0)
		return r;
	vm_lock(vm);
	vm_state_wait(vm, NULL);
	vm_unlock(vm);
	return 0;
}

int AVirtualMachine_stop(AVirtualMachine *vm)
{
	VM_IN_USE(vm);
	int r = vm_request_begin(vm);

	return r < 0 ? r : stop_and_wait(vm);
}

int AVirtualMachine_connectVsock(AVirtualMachine *vm, uint32_t port)
{
	VM_IN_USE(vm);
	int fd = -1, r = vm_request_begin(vm);

	if (r == 0)
		r = request_end(vm->service, evm_client_connect_vsock(&vm->service->client, vm->cid, port, &fd));
	return r < 0 ? r : fd;
}

bool AVirtualMachine_waitForStop(AVirtualMachine *vm, const struct timespec *timeout,
				 enum AVirtualMachineStopReason *ret)
{
	VM_IN_USE(vm);
	struct timespec deadline;
	const struct timespec *until = deadline_of(timeout, &deadline);
	bool ended;

	vm_lock(vm);
	ended = vm_state_wait(vm, until);
	if (ended)
		*ret = vm->stop_reason;
	vm_unlock(vm);
	return ended;
}

/* The manager gives up the CID of a VM that was never started, and forgets one that has ended. */
static void drop(AVirtualMachine *vm)
{
	bool known;

	if (request_begin(vm->service) < 0)
		return;
	vm_lock(vm);
	known = !vm->forgotten && !vm->service->lost;
	vm_unlock(vm);
	request_end(vm->service, known ? evm_client_drop_vm(&vm->service->client, vm->cid) : 0);
}

/* Makes other threads leave: from here on they can begin no request.  Returns whether VM is held. */
static bool begin_destruction(AVirtualMachine *vm)
{
	bool held;

	vm_lock(vm);
	vm->destroying = true;
	stop_callback_cancel(vm);
	held = vm->held;
	vm_unlock(vm);
	return held;
}

/* Wakes those who wait for VM: a VM that was never started ends here, one that is held goes on without its object. */
static void finish_destruction(AVirtualMachine *vm, bool held)
{
	vm_lock(vm);
	if (!vm->ended && !held)
		vm_state_end(vm, AVIRTUAL_MACHINE_KILLED, EVM_DEATH_KILLED, "the VM was destroyed");
	vm->destroyed = true;
	pthread_cond_broadcast(&vm->service->changed);
	vm_state_remove(vm);
	vm_unlock(vm);
}

void AVirtualMachine_destroy(AVirtualMachine *vm)
{
	bool held;

	if (!vm)
		return;
	held = begin_destruction(vm);
	if (!held) {
		if (last_request_begin(vm) == 0)
			stop_and_wait(vm);
		drop(vm);
	}
	finish_destruction(vm, held);
	vm_unref(vm);
}

int AVirtualMachine_addMemoryMapping(AVirtualMachine *vm, int fd, uint64_t range_start, uint64_t range_end,
				     uint64_t offset, enum AVirtualMachineMemoryMappingAttributes attributes)
{
	(void)vm, (void)range_start, (void)range_end, (void)offset, (void)attributes;
	close_fd(fd);
	return avf_fail(-ENOTSUP, "memory can't be added to an early VM that runs");
}

bool AVirtualMachine_removeMemoryMapping(AVirtualMachine *vm, int id)
{
	(void)vm, (void)id;
	avf_fail(-ENOTSUP, "no memory can have been added to an early VM that runs");
	return false;
}

int AVirtualMachine_addAccessor(AVirtualMachine *vm, const char *rpc_name, const char *accessor_name, uint32_t port)
{
	(void)vm, (void)rpc_name, (void)accessor_name, (void)port;
	return avf_fail(-ENOTSUP, "accessors need Android's service manager");
}
