/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/guest_binder.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "rpcbinder/virtualization_aidl.h"
#include "virtmgr/binder_loop.h"

enum {
	MAX_SESSIONS = 2, /* one that ends, and the next */
	MAX_BODY = 4096,  /* its largest honest message, a request for an attestation, is a few KB */
	FIRST_LETTER = 0x20,
};

struct guest_binder {
	struct rpc_object root;
	struct rpc_endpoint *endpoint;
	int loop;
	guest_handler handle;
	guest_binder_failed failed;
	void *data;
};

bool guest_binder_is_spoken(uint8_t first)
{
	return first < FIRST_LETTER;
}

/* What a guest reports, as the other protocol has it. */
static const struct report {
	uint32_t method;
	enum evm_guest_type type;
	bool value, text; /* its arguments */
} reports[] = {
	{ IVirtualMachineService_notifyPayloadStarted, EVM_GUEST_STARTED, false, false },
	{ IVirtualMachineService_notifyPayloadReady, EVM_GUEST_READY, false, false },
	{ IVirtualMachineService_notifyPayloadFinished, EVM_GUEST_FINISHED, true, false },
	{ IVirtualMachineService_notifyError, EVM_GUEST_ERROR, true, true },
};

/* One line of printable ASCII, as guest_decode makes it. */
static void copy_line(const char *text, char ret[EVM_GUEST_TEXT_MAX + 1])
{
	size_t i = 0;

	for (; i < EVM_GUEST_TEXT_MAX && text[i]; i++)
		ret[i] = text[i] < 0x20 || text[i] > 0x7e ? '?' : text[i];
	ret[i] = '\0';
}

static void answer_report(struct guest_binder *binder, const struct report *report, const struct aidl_value *arguments,
			  struct parcel_writer *ret)
{
	struct guest_message message = { .status = EVM_GUEST_OK, .type = report->type };

	if (report->value)
		message.value = (int32_t)arguments[0].number;
	if (report->text)
		copy_line(arguments[1].text, message.text);
	if (binder->handle(&message, binder->data) == EVM_GUEST_OK)
		parcel_write_exception(ret, RPC_EX_NONE, NULL, 0);
	else
		parcel_write_exception(ret, RPC_EX_ILLEGAL_STATE, "Invalid payload state transition", 0);
}

/* What only Android's VMs of later boot have; there is no Secretkeeper, which Android says by a status. */
static int32_t refuse(const struct aidl_method *method, struct parcel_writer *ret)
{
	char text[128] = "early VMs don't support ";

	if (method == &aidl_IVirtualMachineService.methods[IVirtualMachineService_getSecretkeeper])
		return RPC_NAME_NOT_FOUND;
	strncat(text, method->name, sizeof(text) - strlen(text) - 1);
	parcel_write_exception(ret, RPC_EX_UNSUPPORTED_OPERATION, text, 0);
	return RPC_OK;
}

/* The interface has grown at its end alone: the newest has all. */
static int32_t transact(struct rpc_object *object, struct rpc_call *call)
{
	struct guest_binder *binder = (struct guest_binder *)object;
	const struct aidl_method *method = aidl_find_method(&aidl_IVirtualMachineService, AIDL_26, call->code);
	struct aidl_value arguments[AIDL_MAX_ARGUMENTS];
	struct aidl_arena arena = { 0 };
	const struct report *report = NULL;
	int32_t status;

	if (!method)
		return RPC_UNKNOWN_TRANSACTION;
	for (size_t i = 0; i < sizeof(reports) / sizeof(reports[0]); i++)
		if (method == &aidl_IVirtualMachineService.methods[reports[i].method])
			report = &reports[i];
	aidl_read_arguments(&call->in, method, AIDL_26, false, &arena, arguments);
	status = call->in.status;
	if (status == RPC_OK && report)
		answer_report(binder, report, arguments, &call->out);
	else if (status == RPC_OK)
		status = refuse(method, &call->out);
	aidl_arena_free(&arena);
	return status;
}

static const struct rpc_class service_class = { "android.system.virtualmachineservice.IVirtualMachineService", transact,
						NULL };

static int watch(struct rpc_connection *connection, uint32_t events, void *data)
{
	return binder_loop_watch(((struct guest_binder *)data)->loop, connection, events);
}

static void unwatch(struct rpc_connection *connection, void *data)
{
	binder_loop_unwatch(((struct guest_binder *)data)->loop, connection);
}

static void on_end(struct rpc_session *session, const char *reason, int error, void *data)
{
	struct guest_binder *binder = data;

	(void)session;
	if (reason != rpc_peer_closed && reason != rpc_shut_down)
		binder->failed(reason, error, binder->data);
}

struct guest_binder *guest_binder_new(int loop, guest_handler handle, guest_binder_failed failed, void *data)
{
	struct guest_binder *binder = calloc(1, sizeof(*binder));
	struct rpc_settings settings = {
		.fd_mode = RPC_FDS_NONE,
		.max_threads = 1,
		.max_sessions = MAX_SESSIONS,
		.max_body = MAX_BODY,
		.watch = watch,
		.unwatch = unwatch,
		.ended = on_end,
		.data = binder,
	};

	if (!binder)
		return NULL;
	*binder = (struct guest_binder){ { &service_class }, NULL, loop, handle, failed, data };
	settings.root = &binder->root;
	binder->endpoint = rpc_endpoint_new(&settings);
	if (!binder->endpoint) {
		free(binder);
		return NULL;
	}
	return binder;
}

int guest_binder_take(struct guest_binder *binder, int fd)
{
	return rpc_endpoint_accept(binder->endpoint, fd);
}

void guest_binder_free(struct guest_binder *binder)
{
	if (!binder)
		return;
	rpc_endpoint_free(binder->endpoint);
	free(binder);
}
