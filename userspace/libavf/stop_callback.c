/* SPDX-License-Identifier: Apache-2.0 */
#include "libavf/stop_callback.h"

#include <string.h>

#include "libavf/error.h"

/* The lock is not held while the callback runs: it may use the VM, and destroy it. */
static void *run_callback(void *data)
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

int stop_callback_set(AVirtualMachine *vm, AVirtualMachine_stopCallback callback, void *data)
{
	int r;

	vm_lock(vm);
	vm->callback = callback;
	vm->callback_data = data;
	r = start_thread(&vm->callback_thread, run_callback, vm_ref(vm));
	if (r == 0)
		pthread_detach(vm->callback_thread);
	else
		vm->callback = NULL;
	vm_unlock(vm);
	if (r == 0)
		return 0;
	vm_unref(vm);
	return avf_fail(r, "a thread for the stop callback can't be created: %s", strerror(-r));
}

void stop_callback_cancel(AVirtualMachine *vm)
{
	vm->callback = NULL;
	pthread_cond_broadcast(&vm->service->changed);
	while (vm->in_callback && !pthread_equal(pthread_self(), vm->callback_thread))
		service_wait(vm->service, NULL);
}
