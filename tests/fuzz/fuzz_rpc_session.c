// SPDX-License-Identifier: Apache-2.0
/*
 * RPC binder sessions against a peer that sends what it likes, over up to 8 connections: the first byte says whether we are the server or the
 * client.  Then steps: an operation and a connection in one byte (operation * 8 + connection), and for SEND the number of descriptors, a length (u16) and
 * the bytes.  Whatever comes, nothing may stay open, and no reference may be left when the session has ended.
 */
#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../unit/rpc_loop.h"
#include "common/cleanup.h"
#include "common/log.h"
#include "harness.h"
#include "rpc_steps.h"
#include "rpcbinder/virtualization_aidl.h"

enum { MAX_VMS = 32 };

struct vm {
	struct rpc_object object; /* first */
	bool alive;
};

static struct {
	struct rpc_loop loop; /* first: rpc_loop_watch */
	struct rpc_endpoint *endpoint;
	struct rpc_session *session;
	struct rpc_object root;
	struct vm vms[MAX_VMS];
	uint32_t later;
	uint64_t callback, their_root;
	int peers[RPC_STEP_CONNECTIONS];
	int bootstrap[2];
	bool server;
	int opened;
} state;

ssize_t __wrap_getrandom(void *buffer, size_t size, unsigned int flags);

/* So that a recorded client's connections find their session. */
ssize_t __wrap_getrandom(void *buffer, size_t size, unsigned int flags)
{
	(void)flags;
	memset(buffer, RPC_STEP_ID_BYTE, size);
	return (ssize_t)size;
}

static int32_t vm_transact(struct rpc_object *object, struct rpc_call *call);

static void vm_released(struct rpc_object *object, struct rpc_session *session)
{
	struct vm *vm = (struct vm *)object;

	(void)session;
	CHECK(vm->alive);
	vm->alive = false;
}

static const struct rpc_class vm_class = { "android.system.virtualizationservice.IVirtualMachine", vm_transact,
					   vm_released };

static struct rpc_object *new_vm(void)
{
	for (size_t i = 0; i < MAX_VMS; i++)
		if (!state.vms[i].alive) {
			state.vms[i] = (struct vm){ { &vm_class }, true };
			return &state.vms[i].object;
		}
	return NULL;
}

/* Decodes the arguments, keeps a binder among them, and answers with the default of the result. */
static int32_t answer(const struct aidl_interface *interface, struct rpc_call *call)
{
	enum aidl_release release = (enum aidl_release)(call->number % AIDL_RELEASES);
	const struct aidl_method *method = aidl_find_method(interface, release, call->code);
	struct aidl_value arguments[AIDL_MAX_ARGUMENTS], result;
	struct aidl_arena arena = { 0 };
	struct rpc_object *vm = NULL;
	int32_t status;

	state.session = call->session;
	if (!method)
		return RPC_UNKNOWN_TRANSACTION;
	aidl_read_arguments(&call->in, method, release, call->number & 1, &arena, arguments);
	status = call->in.status;
	if (status == RPC_OK && method->arguments[0].type && method->arguments[0].type->kind == AIDL_BINDER &&
	    rpc_session_keep(call->session, arguments[0].binder) == 0)
		state.callback = arguments[0].binder;
	if (status == RPC_OK && method->result->kind == AIDL_BINDER)
		vm = new_vm();
	if (vm) {
		parcel_write_exception(&call->out, RPC_EX_NONE, NULL, 0);
		uint64_t address = rpc_session_address(call->session, vm);
		if (!address)
			vm_released(vm, call->session);
		parcel_write_binder(&call->out, address);
	} else if (status == RPC_OK && aidl_default(method->result, &arena, &result) == 0 && result.present) {
		parcel_write_exception(&call->out, RPC_EX_NONE, NULL, 0);
		aidl_write(&call->out, method->result, release, &result);
	}
	aidl_arena_free(&arena);
	if (status == RPC_OK && call->code == 5) {
		state.later = call->number;
		return RPC_LATER;
	}
	return status;
}

static int32_t vm_transact(struct rpc_object *object, struct rpc_call *call)
{
	CHECK(((struct vm *)object)->alive);
	return answer(&aidl_IVirtualMachine, call);
}

static int32_t root_transact(struct rpc_object *object, struct rpc_call *call)
{
	(void)object;
	return answer(&aidl_IVirtualizationService, call);
}

static const struct rpc_class root_class = { "android.system.virtualizationservice.IVirtualizationService",
					     root_transact, NULL };

static void ended(struct rpc_session *session, const char *reason, int error, void *data)
{
	(void)reason;
	(void)error;
	(void)data;
	if (session == state.session)
		state.session = NULL;
}

static int open_connection(void *data)
{
	int ends[2];

	(void)data;
	if (state.opened == RPC_STEP_CONNECTIONS || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return -EMFILE;
	state.peers[state.opened++] = ends[0];
	return ends[1];
}

static void ready(struct rpc_session *session, uint64_t root, void *data)
{
	(void)data;
	state.session = session;
	state.their_root = root;
}

static void done(struct rpc_session *session, int32_t status, struct parcel_reader *reader, void *data)
{
	uint64_t address;

	(void)data;
	if (status != RPC_OK || reader->size != 20)
		return;
	parcel_read_i32(reader);
	address = parcel_read_binder(reader);
	if (address && rpc_session_keep(session, address) == 0)
		state.callback = address;
}

static void call(uint64_t address, uint32_t code, rpc_done when_done)
{
	struct parcel_writer writer;

	if (!state.session || !address)
		return;
	parcel_writer_init(&writer, rpc_session_version(state.session));
	parcel_write_string(&writer, root_class.descriptor);
	rpc_session_call(state.session, address, code, &writer, when_done && state.server ? state.later : 0, when_done,
			 NULL);
}

static void answer_later(void)
{
	struct parcel_writer writer;

	parcel_writer_init(&writer, RPC_VERSION_MAX);
	parcel_write_exception(&writer, RPC_EX_ILLEGAL_STATE, "later", 0);
	rpc_reply(state.endpoint, state.later, RPC_OK, &writer);
}

static void open_step(int connection)
{
	if (!state.server || state.peers[connection] >= 0)
		return;
	state.peers[connection] = rpc_bootstrap_connect(state.bootstrap[0]);
	rpc_endpoint_bootstrap(state.endpoint, state.bootstrap[1]);
}

static void step(const struct rpc_step *now)
{
	if (now->operation == RPC_STEP_OPEN)
		open_step(now->connection);
	else if (now->operation == RPC_STEP_SEND && state.peers[now->connection] >= 0 && now->size)
		harness_send(state.peers[now->connection], now->bytes, now->size, now->fd_count, now->connection);
	else if (now->operation == RPC_STEP_CLOSE)
		state.peers[now->connection] = close_fd(state.peers[now->connection]);
	else if (now->operation == RPC_STEP_ANSWER)
		answer_later();
	else if (now->operation == RPC_STEP_CALL)
		call(state.server ? state.callback : state.their_root, now->connection,
		     state.server && now->connection & 1 ? NULL : done);
	else if (now->operation == RPC_STEP_RELEASE && state.session)
		rpc_session_release(state.session, state.server ? state.callback : state.their_root);
}

/* Reads what the peer was sent; otherwise only the handling of full sockets would be tested. */
static void drain(void)
{
	uint8_t bytes[4096];

	for (int i = 0; i < RPC_STEP_CONNECTIONS; i++)
		while (state.peers[i] >= 0 && recv(state.peers[i], bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
			;
}

static void begin(bool server)
{
	struct rpc_settings settings = {
		.root = server ? &state.root : NULL,
		.fd_mode = RPC_FDS_UNIX,
		.max_threads = 2,
		.max_sessions = 2,
		.max_body = 65536,
		.watch = rpc_loop_watch,
		.unwatch = rpc_loop_unwatch,
		.ended = ended,
		.data = &state,
	};
	const struct rpc_connect connect = { .incoming = 2, .open = open_connection, .ready = ready };

	memset(&state, 0, sizeof(state));
	memset(state.peers, -1, sizeof(state.peers));
	state.server = server;
	state.root.class = &root_class;
	state.endpoint = rpc_endpoint_new(&settings);
	CHECK(state.endpoint && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, state.bootstrap) == 0);
	if (!server)
		CHECK(rpc_endpoint_connect(state.endpoint, &connect) == 0);
	rpc_loop_run(&state.loop);
}

static void end(void)
{
	for (int i = 0; i < RPC_STEP_CONNECTIONS; i++)
		close_fd(state.peers[i]);
	rpc_loop_run(&state.loop);
	CHECK(rpc_endpoint_is_idle(state.endpoint) && state.loop.count == 0);
	rpc_endpoint_free(state.endpoint);
	close(state.bootstrap[0]);
	close(state.bootstrap[1]);
	for (size_t i = 0; i < MAX_VMS; i++)
		CHECK(!state.vms[i].alive);
}

static void ignore(void *data, enum log_level level, const char *message)
{
	(void)data;
	(void)level;
	(void)message;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rpc_step now;
	size_t open;

	log_set_sink(ignore, NULL);
	harness_descriptor(0);
	if (size == 0)
		return 0;
	open = harness_descriptors();
	begin(data[0] == RPC_STEP_AS_SERVER);
	data++, size--;
	while (rpc_step_next(&data, &size, &now)) {
		step(&now);
		rpc_loop_run(&state.loop);
		drain();
		rpc_loop_run(&state.loop);
	}
	end();
	CHECK(harness_descriptors() == open);
	return 0;
}
