/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/transport.h"
#include "virtmgr/binder_loop.h"
#include "virtmgr/binder_state.h"

static int watch(struct rpc_connection *connection, uint32_t events, void *data)
{
	return binder_loop_watch(((struct binder_door *)data)->service->loop, connection, events);
}

static void unwatch(struct rpc_connection *connection, void *data)
{
	binder_loop_unwatch(((struct binder_door *)data)->service->loop, connection);
}

/* Nobody waits for the session's pending calls any more: their answers are dropped when they come. */
static void on_session_end(struct rpc_session *session, const char *reason, int error, void *data)
{
	struct binder_door *door = data;

	const char *what = session ? "a client's RPC session has ended" : "a client's RPC connection has failed";

	if (error < 0)
		log_error("%s: %s: %s", what, reason, strerror(-error));
	else
		log_info("%s: %s", what, reason);
	for (struct binder_call *call = door->calls; call; call = call->next)
		if (call->session == session)
			call->session = NULL;
}

struct binder_door *binder_door_new(struct service *service, int bootstrap, enum aidl_release release)
{
	struct binder_door *door = calloc(1, sizeof(*door));
	struct rpc_settings settings = {
		.fd_mode = RPC_FDS_UNIX,
		.max_threads = 1,
		.max_sessions = BINDER_MAX_SESSIONS,
		.max_body = BINDER_MAX_BODY,
		.watch = watch,
		.unwatch = unwatch,
		.ended = on_session_end,
		.data = door,
	};

	if (!door)
		return NULL;
	door->service = service;
	door->bootstrap = bootstrap;
	door->release = release;
	door->root.class = &binder_service_class;
	settings.root = &door->root;
	door->endpoint = rpc_endpoint_new(&settings);
	if (!door->endpoint) {
		free(door);
		return NULL;
	}
	return door;
}

int binder_door_ready(struct binder_door *door)
{
	int r = rpc_endpoint_bootstrap(door->endpoint, door->bootstrap);

	return r == -EAGAIN || r == -EINTR ? 0 : r;
}

void binder_door_close(struct binder_door *door)
{
	rpc_endpoint_shutdown(door->endpoint);
}

void binder_door_free(struct binder_door *door)
{
	if (!door)
		return;
	rpc_endpoint_free(door->endpoint);
	while (door->calls) {
		struct binder_call *call = door->calls;

		door->calls = call->next;
		free(call->created);
		free(call);
	}
	free(door);
}

/* A number and not a pointer: 0 is none. */
enum aidl_release binder_session_release(const struct binder_door *door, struct rpc_session *session)
{
	uintptr_t number = (uintptr_t)*rpc_session_user(session);

	return number ? (enum aidl_release)(number - 1) : door->release;
}

bool binder_session_has_release(struct rpc_session *session)
{
	return *rpc_session_user(session) != NULL;
}

void binder_session_set_release(struct rpc_session *session, enum aidl_release release)
{
	*rpc_session_user(session) = (void *)((uintptr_t)release + 1);
}

/* Android's, for the same reasons. */
static enum rpc_exception exception_of(uint32_t status)
{
	static const enum rpc_exception exceptions[] = {
		[EVM_STATUS_PROTOCOL] = RPC_EX_ILLEGAL_ARGUMENT,
		[EVM_STATUS_NOT_LISTED] = RPC_EX_SERVICE_SPECIFIC,
		[EVM_STATUS_VM_RUNNING] = RPC_EX_SERVICE_SPECIFIC,
		[EVM_STATUS_CONFIG] = RPC_EX_ILLEGAL_ARGUMENT,
		[EVM_STATUS_UNSUPPORTED] = RPC_EX_UNSUPPORTED_OPERATION,
		[EVM_STATUS_STATE] = RPC_EX_ILLEGAL_STATE,
		[EVM_STATUS_VMM] = RPC_EX_SERVICE_SPECIFIC,
		[EVM_STATUS_INTERNAL] = RPC_EX_SERVICE_SPECIFIC,
		[EVM_STATUS_GUEST] = RPC_EX_SERVICE_SPECIFIC,
	};

	return status < sizeof(exceptions) / sizeof(exceptions[0]) ? exceptions[status] : RPC_EX_SERVICE_SPECIFIC;
}

void binder_write_exception(struct parcel_writer *writer, uint32_t status, const char *text)
{
	const int32_t error_unexpected = -1; /* IVirtualMachine.ERROR_UNEXPECTED */

	parcel_write_exception(writer, exception_of(status), text, error_unexpected);
}

int32_t binder_refuse(struct binder_context *context, const struct refusal *refusal)
{
	log_refusal(refusal->status, refusal->text);
	binder_write_exception(&context->call->out, refusal->status, refusal->text);
	return RPC_OK;
}

int32_t binder_refuse_words(struct binder_context *context, enum evm_status status, const char *words)
{
	struct refusal refusal;

	turn_down(&refusal, status, "%s", words);
	return binder_refuse(context, &refusal);
}

int32_t binder_answer(struct binder_context *context, const struct aidl_value *result)
{
	parcel_write_exception(&context->call->out, RPC_EX_NONE, NULL, 0);
	if (result)
		aidl_write(&context->call->out, context->method->result, context->release, result);
	return RPC_OK;
}

int32_t binder_dispatch(struct binder_door *door, struct binder_vm *vm, const struct aidl_interface *interface,
			const binder_handler *handlers, struct rpc_call *call)
{
	struct binder_context context = { .door = door, .vm = vm, .call = call };
	struct refusal refusal;
	binder_handler handler;
	int32_t status;

	context.release = binder_session_release(door, call->session);
	context.method = aidl_find_method(interface, context.release, call->code);
	if (!context.method)
		return RPC_UNKNOWN_TRANSACTION;
	handler = handlers[context.method - interface->methods];
	if (!handler) {
		turn_down(&refusal, EVM_STATUS_UNSUPPORTED, "early_virtmgr doesn't support %s", context.method->name);
		return binder_refuse(&context, &refusal);
	}
	/* The layout of createVm's argument tells the release first. */
	if (interface != &aidl_IVirtualizationService ||
	    context.method != &interface->methods[IVirtualizationService_createVm])
		aidl_read_arguments(&call->in, context.method, context.release, false, &context.arena,
				    context.arguments);
	status = call->in.status == RPC_OK ? handler(&context) : call->in.status;
	aidl_arena_free(&context.arena);
	return status;
}

static struct binder_call **find_call(struct binder_door *door, uint32_t request)
{
	struct binder_call **at = &door->calls;

	while (*at && (*at)->request != request)
		at = &(*at)->next;
	return at;
}

static void drop_call(struct binder_door *door, uint32_t request)
{
	struct binder_call **at = find_call(door, request), *call = *at;

	*at = call->next;
	free(call->created);
	free(call);
}

int32_t binder_ask(struct binder_context *context, struct evm_message *request, binder_result result,
		   struct binder_vm *created)
{
	struct binder_door *door = context->door;
	struct binder_call *call = malloc(sizeof(*call));

	if (!call) {
		evm_message_close(request);
		free(created);
		return RPC_NO_MEMORY;
	}
	if (++door->next_request == 0)
		door->next_request = 1; /* 0 is what comes unasked */
	*call = (struct binder_call){
		.next = door->calls,
		.door = door,
		.request = door->next_request,
		.number = context->call->number,
		.version = rpc_session_version(context->call->session),
		.reply = &context->call->out,
		.result = result,
		.created = created,
		.session = context->call->session,
		.specific = context->specific,
		.until_end_of = context->until_end ? request->cid : 0,
	};
	door->calls = call;
	request->request = call->request;
	service_handle_request(door->service, request);
	call->reply = NULL;
	if (!call->answered)
		return RPC_LATER;
	drop_call(door, call->request);
	return RPC_OK;
}

static void write_answer(struct binder_call *call, const struct evm_message *answer, struct parcel_writer *writer)
{
	if (answer->status != EVM_STATUS_OK) {
		binder_write_exception(writer, call->specific ? EVM_STATUS_GUEST : answer->status, answer->text);
		return;
	}
	parcel_write_exception(writer, RPC_EX_NONE, NULL, 0);
	if (call->result)
		call->result(call, answer, writer);
}

static void take_answer(struct binder_door *door, const struct evm_message *answer)
{
	struct binder_call *call = *find_call(door, answer->request);
	struct parcel_writer writer;

	if (!call || (call->until_end_of && answer->status == EVM_STATUS_OK))
		return;
	if (call->reply) {
		write_answer(call, answer, call->reply);
		call->answered = true;
		return;
	}
	parcel_writer_init(&writer, call->version);
	write_answer(call, answer, &writer);
	rpc_reply(door->endpoint, call->number, RPC_OK, &writer); /* or nobody waits any more */
	drop_call(door, answer->request);
}

/* The client has dropped the VM while it ran: nobody will ask for it again. */
static void forget_dropped(struct binder_door *door, uint32_t cid)
{
	struct instance *instance = service_find(door->service, cid);

	if (instance && !instance_is_running(instance))
		service_forget(door->service, instance);
}

/* After the callbacks were told, as Android has it.  The session of such a call may have ended. */
static void answer_until_end(struct binder_door *door, uint32_t cid)
{
	struct binder_call **at = &door->calls;

	while (*at) {
		struct binder_call *call = *at;
		struct parcel_writer writer;

		if (call->until_end_of != cid) {
			at = &call->next;
			continue;
		}
		*at = call->next;
		parcel_writer_init(&writer, call->version);
		parcel_write_exception(&writer, RPC_EX_NONE, NULL, 0);
		rpc_reply(door->endpoint, call->number, RPC_OK, &writer);
		free(call);
	}
}

static void tell_of_vm(struct binder_door *door, const struct evm_message *message)
{
	struct binder_vm *vm = binder_vm_find(door, message->cid);

	if (vm)
		binder_vm_tell(vm, message);
	else if (message->type == EVM_VM_DIED)
		forget_dropped(door, message->cid);
	if (message->type == EVM_VM_DIED)
		answer_until_end(door, message->cid);
}

/* A client that can't be sent what it is told loses its session, and with it the VM that is told of: not before all is told. */
void binder_door_tell(struct binder_door *door, const struct evm_message *message)
{
	rpc_endpoint_enter(door->endpoint);
	if (message->type == EVM_ANSWER)
		take_answer(door, message);
	else
		tell_of_vm(door, message);
	rpc_endpoint_leave(door->endpoint);
}
