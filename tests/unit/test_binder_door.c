/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client's VMs by RPC binder: what becomes of them, their objects and their callbacks when things end in an unusual order.  The
 * VMM is a process that waits to be killed.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "rpc_loop.h"
#include "rpcbinder/session_state.h"
#include "virtmgr/binder_state.h"
#include "virtmgr/instance_guest.h"
#include "virtmgr/instance_info.h"
#include "virtmgr/vm_config.h"
#include "xml_fixture.h"

enum { CID = 104, NEW_VM = 1 /* the root's method */ };

static struct service service;
static int bootstrap[2], channel_error;

/* The client's side, which has a loop of its own: the test says when it reads. */
static struct peer {
	struct rpc_loop loop; /* first: rpc_loop_watch */
	struct rpc_endpoint *endpoint;
	struct rpc_session *session; /* the newest */
	uint64_t root;
	struct rpc_object callbacks[2];
	char heard[256];
	unsigned int replies; /* to calls of VMs */
	int32_t exception;    /* of the last reply */
	int64_t number;       /* its result */
	uint64_t vm;          /* a binder that came */
	bool was_dead;        /* the VM was, when the last reply came */
} client;

static int open_channel(struct vmm_channel *channel)
{
	(void)channel;
	return channel_error;
}

static void build(const struct vm_config *config, enum vmm_arch arch, const char *path, struct vmm_command *command)
{
	(void)config, (void)arch, (void)path;
	vmm_add(command, "sleep");
	vmm_add(command, "infinity");
}

static int ask_to_stop(struct vmm_channel *channel)
{
	(void)channel;
	return 0;
}

static const struct vmm_backend backend = {
	.name = "stand-in",
	.build = build,
	.open_channel = open_channel,
	.ask_to_stop = ask_to_stop,
};

static struct instance *add_instance(void)
{
	struct instance *instance = calloc(1, sizeof(*instance));
	struct refusal refusal;

	cr_assert(instance);
	instance->loop = service.loop;
	instance->client = &service.client;
	instance->vmm = &backend;
	instance->vmm_path = strdup("/bin/sleep");
	instance_init(instance);
	instance->config.cid = CID;
	instance->config.name = strcpy(instance->name, "vm");
	cr_assert_eq(vm_directory_create(service.root, CID, &instance->directory, &refusal), 0, "%s", refusal.text);
	instance_publish(instance);
	instance->on_died = service_on_death;
	instance->on_guest = service_on_guest;
	instance->on_unheld = service_on_unheld;
	instance->data = &service;
	instance->next = service.instances;
	service.instances = instance;
	return instance;
}

/* In place of createVm, which needs a list of VMs and ports of the machine. */
static int32_t new_vm(struct rpc_object *object, struct rpc_call *call)
{
	struct binder_vm *vm = binder_vm_new(service.door, call->session);
	struct instance *old = service_find(&service, CID);

	(void)object;
	cr_assert(vm);
	if (old)
		service_forget(&service, old);
	add_instance();
	parcel_write_binder(&call->out, rpc_session_address(call->session, &vm->object));
	binder_vm_created(vm, CID);
	return RPC_OK;
}

static const struct rpc_class root_class = { "test.IRoot", new_vm, NULL };

static struct instance *instance(void)
{
	return service_find(&service, CID);
}

static void send_message(struct service *to, const struct evm_message *message)
{
	binder_door_tell(to->door, message);
}

static void nothing_to_close(struct service *of)
{
	(void)of;
}

static const struct wire wire = { send_message, nothing_to_close };

static int32_t on_callback(struct rpc_object *object, struct rpc_call *call)
{
	const struct aidl_method *method = aidl_find_method(&aidl_IVirtualMachineCallback, AIDL_26, call->code);

	(void)object;
	cr_assert(method);
	snprintf(client.heard + strlen(client.heard), sizeof(client.heard) - strlen(client.heard), " %s", method->name);
	return RPC_OK;
}

static const struct rpc_class callback_class = { "android.system.virtualizationservice.IVirtualMachineCallback",
						 on_callback, NULL };

static void on_ready(struct rpc_session *session, uint64_t root, void *data)
{
	(void)data;
	client.session = session;
	client.root = root;
}

static void on_end(struct rpc_session *session, const char *reason, int error, void *data)
{
	(void)reason, (void)error, (void)data;
	if (session == client.session)
		client.session = NULL;
}

static int open_connection(void *data)
{
	int fd = rpc_bootstrap_connect(bootstrap[0]);

	(void)data;
	cr_assert_eq(binder_door_ready(service.door), 0);
	return fd;
}

/* The manager deals with what there is.  Whether there was something. */
static bool run_manager(void)
{
	struct pollfd ready = { .fd = service.loop, .events = POLLIN };
	bool any = false;

	while (poll(&ready, 1, 0) == 1) {
		cr_assert_eq(event_loop_turn(service.loop), 0);
		any = true;
	}
	return any;
}

static void run(void)
{
	while (run_manager() || rpc_loop_turn(&client.loop, 0))
		;
}

static void connect_client(void)
{
	const struct rpc_connect how = { .incoming = 2, .open = open_connection, .ready = on_ready };

	client.session = NULL;
	cr_assert_eq(rpc_endpoint_connect(client.endpoint, &how), 0);
	run();
	cr_assert(client.session);
}

static void begin(void)
{
	const struct rpc_settings settings = {
		.fd_mode = RPC_FDS_UNIX,
		.max_threads = 1,
		.max_sessions = 1,
		.max_body = BINDER_MAX_BODY,
		.watch = rpc_loop_watch,
		.unwatch = rpc_loop_unwatch,
		.ended = on_end,
		.data = &client,
	};

	fixture_begin();
	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, bootstrap), 0);
	service = (struct service){ .root = fixture_root(), .loop = event_loop_open(), .wire = &wire };
	service.door = binder_door_new(&service, bootstrap[1], AIDL_26);
	cr_assert(service.door);
	service.door->root.class = &root_class;
	client.callbacks[0].class = client.callbacks[1].class = &callback_class;
	client.endpoint = rpc_endpoint_new(&settings);
	connect_client();
}

static void end(void)
{
	rpc_endpoint_free(client.endpoint);
	run_manager();
	binder_door_free(service.door);
	while (service.instances)
		service_forget(&service, service.instances);
	close(service.loop);
	close(bootstrap[0]);
	close(bootstrap[1]);
	fixture_end();
}

#define CASE(name) Test(virtmgr_binder_door, name, .init = begin, .fini = end, .timeout = 60)

static void on_vm(struct rpc_session *session, int32_t status, struct parcel_reader *reader, void *data)
{
	(void)data;
	cr_assert_eq(status, RPC_OK);
	client.vm = parcel_read_binder(reader);
	cr_assert_eq(rpc_session_keep(session, client.vm), 0);
}

static uint64_t create(void)
{
	struct parcel_writer writer;

	client.vm = 0;
	parcel_writer_init(&writer, rpc_session_version(client.session));
	parcel_write_string(&writer, root_class.descriptor);
	cr_assert_eq(rpc_session_call(client.session, client.root, NEW_VM, &writer, 0, on_vm, NULL), 0);
	run();
	cr_assert(client.vm);
	return client.vm;
}

static void on_reply(struct rpc_session *session, int32_t status, struct parcel_reader *reader, void *data)
{
	const struct aidl_method *method = data;
	const uint8_t *units;
	size_t count;
	int32_t specific;

	(void)session;
	if (status == RPC_DEAD_OBJECT)
		return; /* the session has ended */
	cr_assert_eq(status, RPC_OK);
	client.replies++;
	client.was_dead = instance() && instance()->state == EVM_STATE_DEAD;
	client.exception = parcel_read_exception(reader, &units, &count, &specific);
	if (client.exception == RPC_EX_NONE && method->result->kind == AIDL_INT)
		client.number = parcel_read_i32(reader);
}

static void ask(uint64_t vm, size_t number, const struct aidl_value *arguments)
{
	const struct aidl_method *method = &aidl_IVirtualMachine.methods[number];
	struct parcel_writer writer;

	parcel_writer_init(&writer, rpc_session_version(client.session));
	aidl_write_request(&writer, &aidl_IVirtualMachine, method, AIDL_26, arguments);
	cr_assert_eq(rpc_session_call(client.session, vm, method->code[AIDL_26], &writer, 0, on_reply, (void *)method),
		     0);
	run();
}

/* The exception of a call that is answered at once. */
static int32_t call(uint64_t vm, size_t number, const struct aidl_value *arguments)
{
	unsigned int before = client.replies;

	ask(vm, number, arguments);
	cr_assert_eq(client.replies, before + 1);
	return client.exception;
}

static int64_t state_of(uint64_t vm)
{
	cr_assert_eq(call(vm, IVirtualMachine_getState, NULL), RPC_EX_NONE);
	return client.number;
}

static void register_callback(uint64_t vm, size_t i)
{
	const struct aidl_value arguments[AIDL_MAX_ARGUMENTS] = {
		{ .present = true, .binder = rpc_session_address(client.session, &client.callbacks[i]) },
	};

	cr_assert_eq(call(vm, IVirtualMachine_registerCallback, arguments), RPC_EX_NONE);
}

/* The VMM has ended, when this returns, and the manager has not seen it. */
static void end_vmm(void)
{
	siginfo_t info;

	process_kill(&instance()->process);
	cr_assert_eq(waitid(P_PID, (id_t)instance()->process.pid, &info, WEXITED | WNOWAIT), 0);
}

/* The client reads nothing of what it is called with, which the manager learns when it calls. */
static void stop_reading_callbacks(void)
{
	for (struct rpc_connection *c = client.session->connections; c; c = c->next)
		if (!c->caller)
			cr_assert_eq(shutdown(c->fd, SHUT_RD), 0);
}

/* The session and its VM are gone, and another one is served. */
static void expect_another_session(void)
{
	cr_expect(!service.door->vms);
	cr_expect(!service.instances);
	cr_expect(rpc_endpoint_is_idle(service.door->endpoint));
	run();
	cr_expect(!client.session);
	connect_client();
	cr_expect_eq(state_of(create()), EVM_STATE_NOT_STARTED);
}

CASE(the_session_ends_while_a_death_is_told)
{
	uint64_t vm = create();

	register_callback(vm, 0);
	register_callback(vm, 1);
	cr_assert_eq(call(vm, IVirtualMachine_start, NULL), RPC_EX_NONE);
	stop_reading_callbacks();
	end_vmm();
	run_manager();
	expect_another_session();
}

CASE(the_session_ends_while_a_report_is_told)
{
	const struct guest_message ready = { .type = EVM_GUEST_READY };
	uint64_t vm = create();

	register_callback(vm, 0);
	register_callback(vm, 1);
	cr_assert_eq(call(vm, IVirtualMachine_start, NULL), RPC_EX_NONE);
	stop_reading_callbacks();
	cr_expect_eq(instance_hear_guest(&ready, instance()), EVM_GUEST_OK);
	cr_assert(instance());
	cr_expect(instance()->stopping, "its client can't stop it any more");
	end_vmm();
	run_manager();
	expect_another_session();
}

/* Its start fails, of which no callback tells; then the client makes another one of the same name. */
CASE(a_vm_that_was_replaced)
{
	uint64_t first = create(), second;

	register_callback(first, 0);
	channel_error = -EIO;
	cr_expect_eq(call(first, IVirtualMachine_start, NULL), RPC_EX_SERVICE_SPECIFIC);
	channel_error = 0;
	cr_expect_eq(state_of(first), EVM_STATE_DEAD);
	second = create();
	cr_assert_eq(call(second, IVirtualMachine_start, NULL), RPC_EX_NONE);
	cr_expect_eq(state_of(first), EVM_STATE_DEAD);
	cr_expect_eq(state_of(second), EVM_STATE_STARTING);
	cr_expect_eq(call(second, IVirtualMachine_getDebugInfo, NULL), RPC_EX_NONE);
	cr_expect_eq(call(first, IVirtualMachine_getDebugInfo, NULL), RPC_EX_ILLEGAL_STATE, "it is not its successor");
	cr_expect_eq(call(first, IVirtualMachine_stop, NULL), RPC_EX_ILLEGAL_STATE);
	register_callback(first, 1);
	rpc_session_release(client.session, second);
	run();
	cr_assert(instance());
	cr_expect(instance()->stopping);
	end_vmm();
	run();
	cr_expect_str_eq(client.heard, "", "the successor's end");
	cr_expect(!instance(), "nobody has it any more");
}

/* Nothing will happen any more. */
CASE(a_callback_after_a_start_that_failed)
{
	uint64_t vm = create();

	channel_error = -EIO;
	cr_expect_eq(call(vm, IVirtualMachine_start, NULL), RPC_EX_SERVICE_SPECIFIC);
	register_callback(vm, 0);
	cr_expect_eq(service.door->vms->callback_count, 0);
	cr_expect_eq(call(vm, IVirtualMachine_getDebugInfo, NULL), RPC_EX_ILLEGAL_STATE);
}

static uint64_t start_new(void)
{
	uint64_t vm = create();

	register_callback(vm, 0);
	cr_assert_eq(call(vm, IVirtualMachine_start, NULL), RPC_EX_NONE);
	client.replies = 0;
	return vm;
}

CASE(stop_returns_when_the_vm_has_ended)
{
	uint64_t vm = start_new();

	ask(vm, IVirtualMachine_stop, NULL);
	cr_expect_eq(client.replies, 0);
	end_vmm();
	run();
	cr_expect_eq(client.replies, 1);
	cr_expect(client.was_dead);
	cr_expect_eq(client.exception, RPC_EX_NONE);
	cr_expect_str_eq(client.heard, " onDied");
	cr_expect_eq(state_of(vm), EVM_STATE_DEAD);
	cr_expect_eq(call(vm, IVirtualMachine_stop, NULL), RPC_EX_ILLEGAL_STATE, "at once");
	vm = create();
	cr_expect_eq(call(vm, IVirtualMachine_stop, NULL), RPC_EX_ILLEGAL_STATE, "it was not started");
	cr_expect(!service.door->calls);
}

/* A session with two connections for calls, which the manager does not have. */
CASE(two_stops_of_one_vm)
{
	uint64_t vm;

	service.door->endpoint->settings.max_threads = 2;
	connect_client();
	vm = start_new();
	ask(vm, IVirtualMachine_stop, NULL);
	ask(vm, IVirtualMachine_stop, NULL);
	cr_expect_eq(client.replies, 0);
	end_vmm();
	run();
	cr_expect_eq(client.replies, 2);
	cr_expect(client.was_dead);
	cr_expect(!service.door->calls);
}

CASE(the_session_ends_while_its_vm_is_stopped)
{
	uint64_t vm = start_new();

	ask(vm, IVirtualMachine_stop, NULL);
	rpc_session_end(client.session, "the test ends it");
	run();
	cr_assert(instance());
	end_vmm();
	run();
	cr_expect_eq(client.replies, 0);
	cr_expect(!service.door->calls);
	expect_another_session();
}

/* The client gives its references back on a connection for callbacks, as it waits on the other one. */
CASE(the_vm_is_dropped_while_it_is_stopped)
{
	uint64_t vm = start_new();
	struct rpc_node *node = rpc_node_find(client.session, vm);
	struct rpc_connection *incoming = client.session->connections;

	while (incoming->caller)
		incoming = incoming->next;
	ask(vm, IVirtualMachine_stop, NULL);
	rpc_node_give_back(incoming, node, node->received);
	run();
	cr_expect(!service.door->vms);
	cr_expect_eq(client.replies, 0);
	end_vmm();
	run();
	cr_expect_eq(client.replies, 1);
	cr_expect(!service.door->calls);
	cr_expect(!instance());
	cr_expect_eq(state_of(create()), EVM_STATE_NOT_STARTED);
}

/* Nobody waits for what it comes to. */
CASE(a_oneway_stop)
{
	const struct aidl_method *method = &aidl_IVirtualMachine.methods[IVirtualMachine_stop];
	struct parcel_writer writer;
	uint64_t vm = start_new();

	parcel_writer_init(&writer, rpc_session_version(client.session));
	aidl_write_request(&writer, &aidl_IVirtualMachine, method, AIDL_26, NULL);
	cr_assert_eq(rpc_session_call(client.session, vm, method->code[AIDL_26], &writer, 0, NULL, NULL), 0);
	run();
	cr_expect(instance()->stopping);
	cr_expect(!service.door->calls);
	end_vmm();
	run();
	cr_expect_eq(state_of(vm), EVM_STATE_DEAD);
}
