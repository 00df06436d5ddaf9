/* SPDX-License-Identifier: Apache-2.0 */
/* IVirtualizationService: the root of a client's session. */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "common/transport.h"
#include "common/vm_info.h"
#include "virtmgr/app_config.h"
#include "virtmgr/binder_config.h"
#include "virtmgr/binder_state.h"

/* Whether the arguments of createVm are RELEASE's: to the byte, which is so for one release at most. */
static bool fits(const struct rpc_call *call, const struct aidl_method *method, enum aidl_release release)
{
	struct aidl_value arguments[AIDL_MAX_ARGUMENTS];
	struct parcel_reader trial = call->in;
	struct aidl_arena arena = { 0 };

	trial.count_binder = NULL; /* references count once, when the arguments are read for good */
	aidl_read_arguments(&trial, method, release, true, &arena, arguments);
	aidl_arena_free(&arena);
	return trial.status == RPC_OK;
}

static bool find_release(struct binder_context *context)
{
	static const enum aidl_release newest_first[] = { AIDL_26, AIDL_16, AIDL_15Q };
	struct rpc_session *session = context->call->session;

	if (binder_session_has_release(session))
		return true;
	for (size_t i = 0; i < sizeof(newest_first) / sizeof(newest_first[0]); i++)
		if (fits(context->call, context->method, newest_first[i])) {
			binder_session_set_release(session, newest_first[i]);
			context->release = newest_first[i];
			return true;
		}
	return false;
}

static void write_vm(struct binder_call *call, const struct evm_message *answer, struct parcel_writer *writer)
{
	uint64_t address = call->session ? rpc_session_address(call->session, &call->created->object) : 0;

	if (!address) {
		/* Nobody would have it. */
		service_forget(call->door->service, service_find(call->door->service, answer->cid));
		parcel_writer_fail(writer, RPC_NO_MEMORY);
		return;
	}
	binder_vm_created(call->created, answer->cid);
	call->created = NULL; /* the session's */
	parcel_write_binder(writer, address);
}

/* The VM's object is made first: a VM without one could not be dropped. */
static int32_t ask_for_vm(struct binder_context *context, struct evm_message *request)
{
	struct binder_vm *vm = binder_vm_new(context->door, context->call->session);

	if (vm)
		return binder_ask(context, request, write_vm, vm);
	evm_message_close(request);
	return RPC_NO_MEMORY;
}

static int32_t create_vm(struct binder_context *context)
{
	struct evm_message request;
	struct refusal refusal;

	if (!find_release(context))
		return binder_refuse_words(
			context, EVM_STATUS_CONFIG,
			"the configuration is not laid out as any of the known releases has it (15q, 16, 26)");
	aidl_read_arguments(&context->call->in, context->method, context->release, true, &context->arena,
			    context->arguments);
	if (context->call->in.status != RPC_OK)
		return context->call->in.status;
	evm_message_init(&request, EVM_CREATE_VM, 0);
	if (binder_config_read(context->arguments, context->release, &context->call->in, &request, &refusal) < 0) {
		evm_message_close(&request);
		return binder_refuse(context, &refusal);
	}
	return ask_for_vm(context, &request);
}

static int32_t initialize_writable_partition(struct binder_context *context)
{
	const struct aidl_value *arguments = context->arguments;
	struct evm_message request;

	if (arguments[1].number < 0 || arguments[2].number < 0)
		return binder_refuse_words(context, EVM_STATUS_CONFIG, "Invalid size or partition type");
	evm_message_init(&request, EVM_INITIALIZE_PARTITION, 0);
	request.partition = parcel_take_fd(&context->call->in, arguments[0].fd);
	request.size = (uint64_t)arguments[1].number;
	request.partition_type = (uint32_t)arguments[2].number;
	return binder_ask(context, &request, NULL, NULL);
}

static int32_t create_or_update_idsig_file(struct binder_context *context)
{
	struct evm_message request;

	evm_message_init(&request, EVM_CREATE_OR_UPDATE_IDSIG_FILE, 0);
	request.apk = parcel_take_fd(&context->call->in, context->arguments[0].fd);
	request.idsig = parcel_take_fd(&context->call->in, context->arguments[1].fd);
	return binder_ask(context, &request, NULL, NULL);
}

int binder_debug_info(const struct evm_message *info, struct aidl_arena *arena, struct aidl_value *ret)
{
	char *directory = aidl_alloc(arena, sizeof(info->directory)), *name = aidl_alloc(arena, sizeof(info->name));
	int r = aidl_default(&aidl_type_VirtualMachineDebugInfo, arena, ret);

	if (r < 0 || !directory || !name)
		return -ENOMEM;
	strcpy(directory, info->directory);
	strcpy(name, info->name);
	ret->items[VirtualMachineDebugInfo_name] = aidl_text(name);
	ret->items[VirtualMachineDebugInfo_cid] = aidl_number(info->cid);
	ret->items[VirtualMachineDebugInfo_temporaryDirectory] = aidl_text(directory);
	ret->items[VirtualMachineDebugInfo_requesterUid] = aidl_number(info->client_uid);
	ret->items[VirtualMachineDebugInfo_requesterPid] = aidl_number(info->client_pid);
	return 0;
}

static int32_t debug_list_vms(struct binder_context *context)
{
	struct aidl_value list = { .present = true };
	struct evm_message info;
	uint32_t from = 0;

	list.items = aidl_alloc(&context->arena, EVM_MAX_VMS * sizeof(*list.items));
	if (!list.items)
		return RPC_NO_MEMORY;
	for (; list.count < EVM_MAX_VMS && vm_info_next(context->door->service->root, from, &info) == 0;
	     from = info.cid + 1)
		if (binder_debug_info(&info, &context->arena, &list.items[list.count++]) < 0)
			return RPC_NO_MEMORY;
	return binder_answer(context, &list);
}

/* The systems of app configs that are installed, of those that the platform's policy names. */
static int32_t list_systems(struct binder_context *context)
{
	const struct service *service = context->door->service;
	struct aidl_value list = { .present = true };

	list.items = aidl_alloc(&context->arena, PLATFORM_POLICY_MAX_PATHS * sizeof(*list.items));
	if (!list.items)
		return RPC_NO_MEMORY;
	for (size_t i = 0; i < service->policy.guest_system_count; i++)
		if (guest_os_is_installed(service->root, &service->policy.guest_systems[i]))
			list.items[list.count++] = aidl_text(service->policy.guest_systems[i].name);
	return binder_answer(context, &list);
}

static int32_t no(struct binder_context *context)
{
	const struct aidl_value value = aidl_number(0);

	return binder_answer(context, &value);
}

static const binder_handler handlers[IVirtualizationService_METHODS] = {
	[IVirtualizationService_createVm] = create_vm,
	[IVirtualizationService_initializeWritablePartition] = initialize_writable_partition,
	[IVirtualizationService_createOrUpdateIdsigFile] = create_or_update_idsig_file,
	[IVirtualizationService_debugListVms] = debug_list_vms,
	[IVirtualizationService_getSupportedOSList] = list_systems,
	[IVirtualizationService_isFeatureEnabled] = no,
	[IVirtualizationService_isUpdatableVmSupported] = no,
};

static int32_t transact(struct rpc_object *object, struct rpc_call *call)
{
	struct binder_door *door = (struct binder_door *)((char *)object - offsetof(struct binder_door, root));

	return binder_dispatch(door, NULL, &aidl_IVirtualizationService, handlers, call);
}

const struct rpc_class binder_service_class = { "android.system.virtualizationservice.IVirtualizationService", transact,
						NULL };
