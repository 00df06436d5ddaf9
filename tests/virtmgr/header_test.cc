/* SPDX-License-Identifier: Apache-2.0 */
/* The public headers in C++: they compile, and their functions have C's linkage. */
#include <android/virtualization.h>
#include <early_vm/client.h>

static_assert(sizeof(AVirtualMachineStopReason) == sizeof(int32_t), "as wide as Android's");

static void on_stop(AVirtualMachine *, AVirtualMachineStopReason, void *)
{
}

extern "C" bool header_test(const AVirtualizationService *service)
{
	AVirtualMachine *vm = nullptr;
	AVirtualMachineStopReason reason;
	evm_vm_event event;

	if (AVirtualMachine_createRaw(service, AVirtualMachineRawConfig_create(), -1, -1, -1, &vm) < 0)
		return *evm_error();
	return AVirtualMachine_startWithStopCallback(vm, on_stop, nullptr) == 0 &&
	       evm_vm_next_event(vm, nullptr, &event) && AVirtualMachine_waitForStop(vm, nullptr, &reason) &&
	       reason == AVIRTUAL_MACHINE_HANGUP;
}
