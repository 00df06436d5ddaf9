/* SPDX-License-Identifier: Apache-2.0 */
/* IVirtualMachine, and the callbacks that tell of a VM. */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/log.h"
#include "common/vm_info.h"
#include "virtmgr/binder_state.h"

struct binder_vm *binder_vm_new(struct binder_door *door, struct rpc_session *session)
{
	struct binder_vm *vm = calloc(1, sizeof(*vm));

	if (!vm)
		return NULL;
	vm->object.class = &binder_vm_class;
	vm->door = door;
	vm->session = session;
	return vm;
}

void binder_vm_created(struct binder_vm *vm, uint32_t cid)
{
	for (struct binder_vm *old = vm->door->vms; old; old = old->next)
		old->replaced |= old->cid == cid;
	vm->cid = cid;
	vm->next = vm->door->vms;
	vm->door->vms = vm;
}

struct binder_vm *binder_vm_find(struct binder_door *door, uint32_t cid)
{
	for (struct binder_vm *vm = door->vms; vm; vm = vm->next)
		if (vm->cid == cid && !vm->dead && !vm->replaced)
			return vm;
	return NULL;
}

/* What the object stands for, not what has its CID now; NULL: that is gone. */
static struct instance *instance_of(const struct binder_vm *vm)
{
	return vm->replaced ? NULL : service_find(vm->door->service, vm->cid);
}

/* A VM whose start has failed is dead, too, and nobody is told of that. */
static bool is_dead(const struct binder_vm *vm)
{
	const struct instance *instance = instance_of(vm);

	return !instance || instance->state == EVM_STATE_DEAD;
}

/* Whether another VM of the session has the callback, too. */
static bool is_shared(const struct binder_vm *vm, uint64_t callback)
{
	for (const struct binder_vm *other = vm->door->vms; other; other = other->next)
		for (size_t i = 0; other != vm && other->session == vm->session && i < other->callback_count; i++)
			if (other->callbacks[i] == callback)
				return true;
	return false;
}

static void release_callbacks(struct binder_vm *vm)
{
	for (size_t i = 0; i < vm->callback_count; i++)
		if (!is_shared(vm, vm->callbacks[i]))
			rpc_session_release(vm->session, vm->callbacks[i]);
	vm->callback_count = 0;
}

/* What the client is told, and with which arguments after the CID. */
static const struct callback {
	uint16_t type;
	uint8_t method; /* of IVirtualMachineCallback */
	bool value, reason, text;
	bool may_be_left_out; /* the guest may repeat it without end */
} callbacks[] = {
	{ EVM_PAYLOAD_STARTED, IVirtualMachineCallback_onPayloadStarted, .value = false },
	{ EVM_PAYLOAD_READY, IVirtualMachineCallback_onPayloadReady, .value = false },
	{ EVM_PAYLOAD_FINISHED, IVirtualMachineCallback_onPayloadFinished, .value = true },
	{ EVM_PAYLOAD_ERROR, IVirtualMachineCallback_onError, .value = true, .text = true, .may_be_left_out = true },
	{ EVM_VM_DIED, IVirtualMachineCallback_onDied, .reason = true },
};

static const struct callback *find_callback(uint16_t type)
{
	for (size_t i = 0; i < sizeof(callbacks) / sizeof(callbacks[0]); i++)
		if (callbacks[i].type == type)
			return &callbacks[i];
	return NULL; /* a line of the guest's log: Android has no callback for it */
}

static void call_back(const struct binder_vm *vm, uint64_t address, const struct callback *callback,
		      const struct evm_message *message)
{
	const struct aidl_method *method = &aidl_IVirtualMachineCallback.methods[callback->method];
	enum aidl_release release = binder_session_release(vm->door, vm->session);
	struct aidl_value arguments[AIDL_MAX_ARGUMENTS] = { aidl_number(message->cid) };
	struct parcel_writer writer;
	size_t i = 1;

	if (callback->value)
		arguments[i++] = aidl_number((int32_t)message->value);
	if (callback->reason)
		arguments[i++] = aidl_number(message->reason);
	if (callback->text)
		arguments[i++] = aidl_text(message->text);
	parcel_writer_init(&writer, rpc_session_version(vm->session));
	aidl_write_request(&writer, &aidl_IVirtualMachineCallback, method, release, arguments);
	if (rpc_session_call(vm->session, address, method->code[release], &writer, 0, NULL, NULL) < 0)
		log_debug("VM %u: a callback can't be told %s", vm->cid, method->name);
}

void binder_vm_tell(struct binder_vm *vm, const struct evm_message *message)
{
	const struct callback *callback = find_callback(message->type);
	bool keeps_up = rpc_session_backlog(vm->session) == 0;

	for (size_t i = 0; callback && i < vm->callback_count; i++)
		if (keeps_up || !callback->may_be_left_out)
			call_back(vm, vm->callbacks[i], callback, message);
	if (message->type == EVM_VM_DIED) {
		vm->dead = true;
		release_callbacks(vm);
	}
}

/* The client has no reference any more: it can't stop the VM, nor hear of its end. */
static void released(struct rpc_object *object, struct rpc_session *session)
{
	struct binder_vm *vm = (struct binder_vm *)object, **at = &vm->door->vms;
	struct service *service = vm->door->service;
	struct instance *instance = instance_of(vm);
	struct refusal ignored;

	(void)session;
	release_callbacks(vm);
	while (*at && *at != vm)
		at = &(*at)->next;
	if (*at)
		*at = vm->next;
	if (instance && !instance_is_running(instance))
		service_forget(service, instance);
	else if (instance && !hold_is_on(&instance->hold))
		instance_stop(instance, &ignored);
	free(vm);
}

static int32_t get_cid(struct binder_context *context)
{
	const struct aidl_value cid = aidl_number(context->vm->cid);

	return binder_answer(context, &cid);
}

static void write_state(struct binder_call *call, const struct evm_message *answer, struct parcel_writer *writer)
{
	(void)call;
	parcel_write_i32(writer, (int32_t)answer->state);
}

/* Sends a request about the VM. */
static int32_t ask(struct binder_context *context, enum evm_message_type type, uint32_t port, binder_result result)
{
	struct evm_message request;

	evm_message_init(&request, type, 0);
	request.cid = context->vm->replaced ? 0 : context->vm->cid; /* 0 is no VM's */
	request.port = port;
	return binder_ask(context, &request, result, NULL);
}

static int32_t get_state(struct binder_context *context)
{
	const struct aidl_value dead = aidl_number(EVM_STATE_DEAD);

	return is_dead(context->vm) ? binder_answer(context, &dead) : ask(context, EVM_GET_STATE, 0, write_state);
}

/* One that comes too late is not kept: nothing will happen any more. */
static int32_t register_callback(struct binder_context *context)
{
	struct binder_vm *vm = context->vm;
	uint64_t address = context->arguments[0].binder;

	if (is_dead(vm)) {
		log_warning("a callback for VM %u came after its end", vm->cid);
		return binder_answer(context, NULL);
	}
	if (vm->callback_count == BINDER_MAX_CALLBACKS)
		return binder_refuse_words(context, EVM_STATUS_STATE, "the VM has too many callbacks");
	if (rpc_session_keep(context->call->session, address) < 0)
		return RPC_BAD_VALUE;
	vm->callbacks[vm->callback_count++] = address;
	return binder_answer(context, NULL);
}

static int32_t start(struct binder_context *context)
{
	return ask(context, EVM_START_VM, 0, NULL);
}

/* As in Android it returns when the VM has ended.  A oneway call, which waits for nothing, need not be remembered. */
static int32_t stop(struct binder_context *context)
{
	context->until_end = !context->call->oneway;
	return ask(context, EVM_STOP_VM, 0, NULL);
}

static void write_connection(struct binder_call *call, const struct evm_message *answer, struct parcel_writer *writer)
{
	int fd = fcntl(answer->connection, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);

	(void)call;
	if (fd < 0)
		parcel_writer_fail(writer, RPC_NO_MEMORY);
	else
		parcel_write_fd(writer, fd);
}

static int32_t connect_vsock(struct binder_context *context)
{
	context->specific = true; /* so are Android's, whatever the reason */
	return ask(context, EVM_CONNECT_VSOCK, (uint32_t)context->arguments[0].number, write_connection);
}

/* VMs are started without a balloon. */
static int32_t no_balloon(struct binder_context *context)
{
	const struct aidl_value no = aidl_number(0);

	return binder_answer(context, &no);
}

/* In Android's words. */
static int32_t set_host_console_name(struct binder_context *context)
{
	return binder_refuse_words(context, EVM_STATUS_UNSUPPORTED,
				   "Early VM doesn't support setting host console name");
}

static int32_t get_debug_info(struct binder_context *context)
{
	struct evm_message info;
	struct aidl_value value;

	if (is_dead(context->vm) || vm_info_next(context->door->service->root, context->vm->cid, &info) < 0 ||
	    info.cid != context->vm->cid)
		return binder_refuse_words(context, EVM_STATUS_STATE, "VM is not running");
	if (binder_debug_info(&info, &context->arena, &value) < 0)
		return RPC_NO_MEMORY;
	return binder_answer(context, &value);
}

static const binder_handler handlers[IVirtualMachine_METHODS] = {
	[IVirtualMachine_getCid] = get_cid,
	[IVirtualMachine_getState] = get_state,
	[IVirtualMachine_registerCallback] = register_callback,
	[IVirtualMachine_start] = start,
	[IVirtualMachine_stop] = stop,
	[IVirtualMachine_isMemoryBalloonEnabled] = no_balloon,
	[IVirtualMachine_connectVsock] = connect_vsock,
	[IVirtualMachine_setHostConsoleName] = set_host_console_name,
	[IVirtualMachine_getDebugInfo] = get_debug_info,
};

static int32_t transact(struct rpc_object *object, struct rpc_call *call)
{
	struct binder_vm *vm = (struct binder_vm *)object;

	return binder_dispatch(vm->door, vm, &aidl_IVirtualMachine, handlers, call);
}

const struct rpc_class binder_vm_class = { "android.system.virtualizationservice.IVirtualMachine", transact, released };
