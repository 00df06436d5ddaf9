/* SPDX-License-Identifier: Apache-2.0 */
/* References, the order of oneway calls, answers that come later, calls within calls; a client and a server of the library. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "descriptor_count.h"
#include "rpc_peer.h"
#include "rpcbinder/session_state.h"

/* The client's side, which shares the server's loop. */
struct client {
	struct rpc_loop loop; /* first: rpc_loop_watch */
	struct rpc_endpoint *endpoint;
	struct rpc_session *session;
	uint64_t root;
	bool ended;
	int32_t status;  /* of the last reply; 1: none yet */
	uint64_t result; /* a binder that came */
	int fd;          /* a descriptor that came */
	struct rpc_object callback;
	uint32_t callbacks[32]; /* codes, in order */
	size_t callback_count;
	unsigned int released;
};

static struct rpc_peer server;
static struct client client;
static int before;

static void run(void)
{
	for (int i = 0; i < 8; i++) {
		while (rpc_endpoint_bootstrap(server.endpoint, server.bootstrap[1]) == 0)
			;
		rpc_loop_run(&client.loop);
		rpc_loop_run(&server.loop);
	}
}

static int open_connection(void *data)
{
	(void)data;
	return rpc_bootstrap_connect(server.bootstrap[0]);
}

static void ready(struct rpc_session *session, uint64_t root, void *data)
{
	(void)data;
	client.session = session;
	client.root = root;
}

static void ended(struct rpc_session *session, const char *reason, int error, void *data)
{
	(void)session;
	(void)reason;
	(void)error;
	(void)data;
	client.session = NULL;
	client.ended = true;
}

static int32_t on_callback(struct rpc_object *object, struct rpc_call *call)
{
	(void)object;
	cr_assert_lt(client.callback_count, 32);
	client.callbacks[client.callback_count++] = call->code;
	if (!call->oneway)
		parcel_write_i32(&call->out, 42);
	return RPC_OK;
}

static void on_released(struct rpc_object *object, struct rpc_session *session)
{
	(void)object;
	(void)session;
	client.released++;
}

static const struct rpc_class callback_class = { "test.ICallback", on_callback, on_released };

static void connect_with(uint32_t version, uint32_t incoming)
{
	const struct rpc_settings settings = {
		.fd_mode = RPC_FDS_UNIX,
		.version = version,
		.max_threads = 1,
		.max_sessions = 1,
		.max_body = 65536,
		.watch = rpc_loop_watch,
		.unwatch = rpc_loop_unwatch,
		.ended = ended,
		.data = &client,
	};
	const struct rpc_connect how = { .incoming = incoming, .open = open_connection, .ready = ready };

	client = (struct client){ .callback.class = &callback_class, .fd = -1, .status = 1 };
	client.endpoint = rpc_endpoint_new(&settings);
	cr_assert_eq(rpc_endpoint_connect(client.endpoint, &how), 0);
	run();
	cr_assert(client.session, "a session with version %u and %u connections for callbacks", version, incoming);
	cr_assert_eq(rpc_session_version(client.session), version);
}

static void begin(void)
{
	before = count_descriptors();
	rpc_peer_begin(&server, RPC_FDS_UNIX);
}

static void end(void)
{
	rpc_endpoint_free(client.endpoint);
	rpc_loop_run(&server.loop);
	rpc_peer_end(&server);
	cr_expect_eq(count_descriptors(), before, "nothing is left open");
}

#define CASE(name) Test(rpc_session, name, .init = begin, .fini = end)

static void done(struct rpc_session *session, int32_t status, struct parcel_reader *reader, void *data)
{
	(void)data;
	client.status = status;
	if (status != RPC_OK || !reader->size)
		return;
	if (reader->fd_count) {
		bool null;

		client.fd = parcel_take_fd(reader, parcel_read_fd(reader, &null));
	} else {
		client.result = parcel_read_binder(reader);
		rpc_session_keep(session, client.result);
	}
}

static struct parcel_writer arguments(void)
{
	struct parcel_writer writer = peer_arguments(rpc_session_version(client.session));

	return writer;
}

static void call(uint32_t code, struct parcel_writer *writer)
{
	client.status = 1;
	cr_assert_eq(rpc_session_call(client.session, client.root, code, writer, 0, done, NULL), 0);
	run();
}

static void call_plain(uint32_t code)
{
	struct parcel_writer writer = arguments();

	call(code, &writer);
}

CASE(each_version_and_set_up)
{
	for (uint32_t version = RPC_VERSION_MIN; version <= RPC_VERSION_MAX; version++)
		for (uint32_t incoming = 0; incoming < 4; incoming++) {
			connect_with(version, incoming);
			call_plain(PEER_IGNORE);
			cr_expect_eq(client.status, RPC_OK);
			rpc_endpoint_free(client.endpoint);
			client.endpoint = NULL;
			run();
			cr_expect(rpc_endpoint_is_idle(server.endpoint));
		}
}

CASE(an_object_lives_as_long_as_its_references)
{
	connect_with(2, 0);
	call_plain(PEER_NEW);
	cr_assert_eq(client.status, RPC_OK);
	cr_expect_eq(client.result, 3 | UINT64_C(1) << 32);
	uint64_t first = client.result;
	call_plain(PEER_NEW);
	cr_expect_eq(client.result, first, "the same object has the same address");
	cr_expect_eq(server.released, 0);
	rpc_session_release(client.session, first);
	run();
	cr_expect_eq(server.released, 1, "the last reference is gone");
	call_plain(PEER_NEW);
	cr_expect_neq(client.result, first, "an address is not used twice");
	rpc_session_end(client.session, "the test ends it");
	run();
	cr_expect_eq(server.released, 2, "with its session");
}

CASE(an_object_that_no_reply_carries)
{
	struct parcel_writer writer;

	connect_with(2, 0);
	writer = arguments();
	cr_expect_eq(rpc_session_call(client.session, client.root, PEER_NEW, &writer, 0, NULL, NULL), 0);
	run();
	cr_expect_eq(server.calls, 1, "a oneway call of a method with a result runs");
	cr_expect_eq(server.released, 1);
	call_plain(PEER_IGNORE);
	cr_expect_eq(client.status, RPC_OK);
}

CASE(a_descriptor_there_and_back)
{
	struct parcel_writer writer;
	int file = memfd_create("there", MFD_CLOEXEC);

	connect_with(1, 0);
	cr_assert_eq(write(file, "x", 1), 1);
	writer = arguments();
	parcel_write_fd(&writer, file);
	call(PEER_FD, &writer);
	cr_expect_eq(client.status, RPC_OK);
	cr_expect_eq(lseek(client.fd, 0, SEEK_END), 1, "it is the same file");
	close(client.fd);
}

static void reply_later(void)
{
	struct parcel_writer writer;

	parcel_writer_init(&writer, 2);
	cr_expect_eq(rpc_reply(server.endpoint, server.later, RPC_OK, &writer), 0);
	run();
}

/* The server takes calls on two connections. */
CASE(an_answer_that_comes_later)
{
	struct parcel_writer writer;
	uint32_t first;

	connect_with(2, 1);
	call_plain(PEER_LATER);
	first = server.later;
	call_plain(PEER_IGNORE);
	cr_expect_eq(client.status, RPC_OK, "others go on");
	call_plain(PEER_LATER);
	writer = arguments();
	cr_expect_eq(rpc_session_call(client.session, client.root, PEER_IGNORE, &writer, 0, done, NULL), -EBUSY);
	cr_expect_eq(client.status, 1);
	server.later = first;
	reply_later();
	cr_expect_eq(client.status, RPC_OK);
	call_plain(PEER_IGNORE);
	cr_expect_eq(client.status, RPC_OK);
	cr_expect_eq(server.calls, 4);
}

static int32_t nested_result;

static void nested_done(struct rpc_session *session, int32_t status, struct parcel_reader *reader, void *data)
{
	(void)session;
	(void)data;
	nested_result = status == RPC_OK ? parcel_read_i32(reader) : status;
}

static void give_callback(void)
{
	struct parcel_writer writer = arguments();

	parcel_write_binder(&writer, rpc_session_address(client.session, &client.callback));
	call(PEER_CALLBACK, &writer);
	cr_assert_eq(client.status, RPC_OK);
}

static int callback(uint32_t code, uint32_t within, rpc_done when_done)
{
	struct parcel_writer writer;

	parcel_writer_init(&writer, rpc_session_version(server.session));
	parcel_write_string(&writer, callback_class.descriptor);
	return rpc_session_call(server.session, server.callback, code, &writer, within, when_done, NULL);
}

/* On the client's only connection: it waits for its answer, and serves the server's question meanwhile. */
CASE(a_call_within_a_call)
{
	connect_with(2, 0);
	give_callback();
	call_plain(PEER_LATER);
	cr_expect_eq(callback(7, 0, nested_done), -ENOTCONN, "the client has no connection for callbacks");
	cr_expect_eq(callback(7, server.later, nested_done), 0);
	run();
	cr_expect_eq(nested_result, 42);
	cr_expect_eq(client.callbacks[0], 7);
	cr_expect_eq(client.status, 1, "the outer call goes on");
	reply_later();
	cr_expect_eq(client.status, RPC_OK);
	cr_expect_not(client.ended);
}

CASE(callbacks_keep_their_order)
{
	connect_with(2, 2);
	give_callback();
	for (uint32_t i = 0; i < 20; i++)
		cr_expect_eq(callback(i + 1, 0, NULL), 0);
	run();
	cr_assert_eq(client.callback_count, 20);
	for (uint32_t i = 0; i < 20; i++)
		cr_expect_eq(client.callbacks[i], i + 1);
	cr_expect_not(client.ended);
	rpc_session_release(server.session, server.callback);
	run();
	cr_expect_eq(client.released, 1, "the server gave the callback back");
}

CASE(a_callback_lives_until_the_session_ends)
{
	for (uint32_t version = 1; version <= 2; version++) {
		connect_with(version, 1);
		give_callback();
		give_callback();
		cr_expect_eq(client.released, 0);
		rpc_session_release(server.session, server.callback);
		run();
		cr_expect_eq(client.released, 1, "version %u: both references came back", version);
		rpc_endpoint_free(client.endpoint);
		client.endpoint = NULL;
		run();
	}
}

/* What is not read or not kept goes back at once: version 2 counts what arrives, version 1 what is read. */
CASE(a_binder_that_nobody_keeps)
{
	struct parcel_writer writer;

	connect_with(2, 0);
	writer = arguments();
	parcel_write_binder(&writer, rpc_session_address(client.session, &client.callback));
	call(PEER_IGNORE, &writer);
	cr_expect_eq(client.status, RPC_OK);
	cr_expect_eq(client.released, 1);
}

/* The client sees the end of the reference on another connection than the calls, and first: it must find the object all the same. */
CASE(a_callback_is_given_back_after_its_calls)
{
	connect_with(2, 2);
	give_callback();
	for (uint32_t i = 0; i < 4; i++)
		cr_expect_eq(callback(i + 1, 0, NULL), 0);
	rpc_session_release(server.session, server.callback);
	cr_expect_eq(callback(9, 0, NULL), 0, "until then it can be called");
	run();
	cr_expect_eq(client.callback_count, 5);
	cr_expect_eq(client.released, 1);
	cr_expect_not(client.ended);
	cr_expect_eq(callback(10, 0, NULL), -ENOENT);
}

CASE(the_client_learns_that_the_session_ended)
{
	connect_with(2, 2);
	call_plain(PEER_LATER);
	rpc_session_end(server.session, "the test ends it");
	run();
	cr_expect(client.ended);
	cr_expect_eq(client.status, RPC_DEAD_OBJECT);
	struct parcel_writer writer;
	parcel_writer_init(&writer, 2);
	cr_expect_eq(rpc_reply(server.endpoint, server.later, RPC_OK, &writer), -ENOENT);
}

/* Oneway calls by a peer of raw bytes: NUMBER is the call's place and its argument. */
static void send_order(int socket, uint64_t number)
{
	struct parcel_writer writer = peer_arguments(2);
	struct rpc_bytes bytes = { .size = 0 };

	parcel_write_i32(&writer, (int32_t)number);
	put_transact(&bytes, PEER_ROOT_ADDRESS, PEER_ORDER, true, number, &writer);
	rpc_peer_send(&server, socket, bytes.bytes, bytes.size);
	parcel_writer_free(&writer);
}

CASE(oneway_calls_run_in_their_order)
{
	static const uint64_t numbers[] = { 5, 1, 0, 3, 2, 4, 6 };
	int socket = rpc_peer_start(&server, 2);

	for (size_t i = 0; i < 7; i++)
		send_order(socket, numbers[i]);
	cr_assert_eq(server.calls, 7);
	for (uint32_t i = 0; i < 7; i++)
		cr_expect_eq(server.order[16 - 7 + i], i);
	cr_expect_not(rpc_peer_is_closed(socket));
	send_order(socket, 3);
	cr_expect(rpc_peer_is_closed(socket), "a number that occurred");
	close(socket);
	rpc_loop_run(&server.loop);
	socket = rpc_peer_start(&server, 2);
	for (uint64_t i = 0; i < RPC_MAX_PARKED; i++)
		send_order(socket, i + 1);
	cr_expect_not(rpc_peer_is_closed(socket));
	send_order(socket, 1000);
	cr_expect(rpc_peer_is_closed(socket), "too many that wait");
	close(socket);
}

/* A session that ends, as the peer does not read any more, stays with its objects until the endpoint is left. */
CASE(nothing_is_freed_while_the_endpoint_is_entered)
{
	connect_with(2, 2);
	give_callback();
	call_plain(PEER_NEW);
	for (struct rpc_connection *c = client.session->connections; c; c = c->next)
		if (!c->caller)
			cr_assert_eq(shutdown(c->fd, SHUT_RD), 0);
	rpc_endpoint_enter(server.endpoint);
	rpc_endpoint_enter(server.endpoint);
	cr_expect_eq(callback(1, 0, NULL), -ENOTCONN);
	cr_expect_eq(callback(2, 0, NULL), -ENOTCONN, "it can be called still");
	cr_expect_eq(rpc_session_version(server.session), 2);
	rpc_session_release(server.session, server.callback);
	rpc_endpoint_leave(server.endpoint);
	cr_expect_eq(server.ended + server.released, 0);
	rpc_endpoint_leave(server.endpoint);
	cr_expect_eq(server.ended, 1);
	cr_expect_eq(server.released, 1);
}
