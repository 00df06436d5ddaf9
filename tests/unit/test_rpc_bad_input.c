/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A peer that breaks the rules.  Each mistake ends its session, or is answered by a status and the session goes on; never does it
 * harm another session.  As Android's libbinder of 2025 does where it is stricter than that of 15.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "descriptor_count.h"
#include "rpc_peer.h"

static struct rpc_peer peer;
static int before;

static void begin(void)
{
	before = count_descriptors();
	rpc_peer_begin(&peer, RPC_FDS_UNIX);
}

static void end(void)
{
	rpc_peer_end(&peer);
	cr_expect_eq(count_descriptors(), before, "nothing is left open");
}

#define CASE(name) Test(rpc_bad_input, name, .init = begin, .fini = end)

enum { ENDS = 2 }; /* instead of a status: the session ends */

/* Where a message is spoilt, and what is written there; sent with FD_COUNT descriptors. */
struct mistake {
	const char *what;
	uint32_t code;
	size_t offset;
	uint32_t value;
	size_t fd_count;
	int64_t expected;
};

/* Offsets: header 0-15; head: address 16 and 20, code 24, flags 28, number 32, parcel size 40; the parcel from 56. */
static const struct mistake mistakes[] = {
	{ "nothing is wrong", PEER_IGNORE, 8, 0, 0, RPC_OK },
	{ "reserved fields are not looked at", PEER_IGNORE, 12, 0xffffffff, 0, RPC_OK },
	{ "and these neither", PEER_IGNORE, 48, 0xffffffff, 0, RPC_OK },
	{ "an unknown command", PEER_IGNORE, 0, 3, 0, ENDS },
	{ "a reply that answers nothing", PEER_IGNORE, 0, RPC_REPLY, 0, ENDS },
	{ "a DEC_STRONG as long as a call", PEER_IGNORE, 0, RPC_DEC_STRONG, 0, ENDS },
	{ "a body shorter than a call's head", PEER_IGNORE, 4, 36, 0, ENDS },
	{ "a body of no bytes", PEER_IGNORE, 4, 0, 0, ENDS },
	{ "a body longer than the limit", PEER_IGNORE, 4, 65540, 0, ENDS },
	{ "a body of 4 GiB", PEER_IGNORE, 4, 0xffffffff, 0, ENDS },
	{ "an address with unknown options", PEER_IGNORE, 16, 7, 0, RPC_BAD_VALUE },
	{ "an address that was never given", PEER_IGNORE, 20, 9, 0, ENDS },
	{ "an address of the client's", PEER_IGNORE, 16, 1, 0, ENDS },
	{ "an address that nobody made", PEER_IGNORE, 16, 2, 0, ENDS },
	{ "a parcel longer than the body", PEER_IGNORE, 40, 4096, 0, ENDS },
	{ "a parcel of 4 GiB", PEER_IGNORE, 40, 0xffffffff, 0, ENDS },
	{ "an object table that is no whole number of offsets", PEER_IGNORE, 40, 27, 0, ENDS },
	{ "an object table that starts within the parcel", PEER_IGNORE, 40, 0, 0, ENDS },
	{ "a wrong interface", PEER_IGNORE, 60, 'x', 0, RPC_BAD_TYPE },
	{ "an interface's name of 2 Gi units", PEER_IGNORE, 56, 0x7fffffff, 0, RPC_BAD_TYPE },
	{ "no interface's name", PEER_IGNORE, 56, 0xffffffff, 0, RPC_BAD_TYPE },
	{ "an unknown method", 77, 8, 0, 0, RPC_UNKNOWN_TRANSACTION },
	{ "getInterfaceVersion", 0x00ffffff, 8, 0, 0, RPC_UNKNOWN_TRANSACTION },
	{ "an unknown code of all binders", 0x5f434d44, 8, 0, 0, RPC_UNKNOWN_TRANSACTION },
	{ "code 0", 0, 8, 0, 0, RPC_UNKNOWN_TRANSACTION },
	{ "a descriptor that is not listed", PEER_IGNORE, 8, 0, 1, RPC_BAD_VALUE },
	{ "more descriptors than are taken", PEER_IGNORE, 8, 0, 100, RPC_NO_MEMORY },
	{ "an argument is missing", PEER_FD, 8, 0, 0, RPC_NOT_ENOUGH_DATA },
};

CASE(calls)
{
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		const struct mistake *mistake = &mistakes[i];
		struct parcel_writer arguments = peer_arguments(2);
		struct rpc_bytes bytes = { .size = 0 };
		unsigned int ended = peer.ended;
		uint8_t answer[528];
		int socket = rpc_peer_start(&peer, 2);

		put_transact(&bytes, PEER_ROOT_ADDRESS, mistake->code, false, 0, &arguments);
		put_le32(bytes.bytes + mistake->offset, mistake->value);
		rpc_peer_send_fds(&peer, socket, bytes.bytes, bytes.size, mistake->fd_count);
		if (mistake->expected == ENDS) {
			cr_expect(rpc_peer_is_closed(socket), "%s", mistake->what);
			cr_expect_eq(peer.ended, ended + 1, "%s", mistake->what);
		} else {
			cr_expect_eq(rpc_peer_status(socket, answer), mistake->expected, "%s", mistake->what);
			cr_expect_eq(peer.ended, ended, "%s", mistake->what);
		}
		parcel_writer_free(&arguments);
		close(socket);
		rpc_loop_run(&peer.loop);
		cr_expect_eq(peer.ended, ended + 1, "%s: hung up", mistake->what);
	}
}

/* A call of PEER_IGNORE with a binder and a descriptor, whose table is then spoilt. */
static int64_t send_objects(uint32_t entry, uint32_t offset, size_t fd_count, const uint64_t *address)
{
	struct parcel_writer arguments = peer_arguments(2);
	struct rpc_bytes bytes = { .size = 0 };
	uint8_t answer[528];
	int socket = rpc_peer_start(&peer, 2);
	int64_t result;

	parcel_write_binder(&arguments, *address);                      /* at 28 */
	parcel_write_fd(&arguments, memfd_create("peer", MFD_CLOEXEC)); /* its object at 52 */
	cr_assert_eq(arguments.objects[0], 28);
	cr_assert_eq(arguments.objects[1], 52);
	arguments.objects[entry] = offset;
	put_transact(&bytes, PEER_ROOT_ADDRESS, PEER_IGNORE, false, 0, &arguments);
	rpc_peer_send_fds(&peer, socket, bytes.bytes, bytes.size, fd_count);
	result = rpc_peer_status(socket, answer);
	if (result == 1)
		result = rpc_peer_is_closed(socket) ? ENDS : 1;
	parcel_writer_free(&arguments);
	close(socket);
	rpc_loop_run(&peer.loop);
	return result;
}

CASE(objects)
{
	static const struct {
		const char *what;
		uint32_t entry, offset;
		size_t fd_count;
		uint64_t address;
		int64_t expected;
	} cases[] = {
		{ "nothing is wrong", 0, 28, 1, 1, RPC_OK },
		{ "one of the server's own", 0, 28, 1, 3, RPC_OK },
		{ "two descriptors came", 0, 28, 2, 1, RPC_BAD_VALUE },
		{ "no descriptor came", 0, 28, 0, 1, RPC_BAD_VALUE },
		{ "an object of unknown type", 0, 32, 1, 1, ENDS },
		{ "a descriptor before a binder", 1, 24, 1, 1, ENDS },
		{ "the same object twice", 1, 28, 1, 1, ENDS },
		{ "an offset beyond the parcel", 1, 4096, 1, 1, ENDS },
		{ "an offset of 4 GiB", 1, 0xfffffffc, 1, 1, ENDS },
		{ "an offset between two numbers", 1, 50, 1, 1, ENDS },
		{ "the object goes beyond the parcel", 1, 56, 1, 1, ENDS },
		{ "an object within another", 1, 36, 1, 1, ENDS },
		{ "an address that the server never gave", 0, 28, 1, 3 | UINT64_C(5) << 32, ENDS },
		{ "an address with unknown options", 0, 28, 1, 0x11, ENDS },
		{ "an address that nobody made", 0, 28, 1, UINT64_C(1) << 32, ENDS },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_expect_eq(send_objects(cases[i].entry, cases[i].offset, cases[i].fd_count, &cases[i].address),
			     cases[i].expected, "%s", cases[i].what);
}

/* The first bytes of a connection; whether the server keeps it. */
static bool is_taken(uint32_t version, uint32_t options, uint32_t mode, uint32_t id_size, const uint8_t *id,
		     uint32_t init)
{
	int socket = rpc_peer_connect(&peer);
	struct rpc_bytes bytes = { .size = 0 };
	bool closed;

	put32(&bytes, version);
	put32(&bytes, options | mode << 8);
	put32(&bytes, 0);
	put32(&bytes, id_size << 16);
	if (id) {
		memcpy(bytes.bytes + bytes.size, id, 32);
		bytes.size += 32;
	}
	put32(&bytes, init);
	put32(&bytes, 0);
	rpc_peer_send(&peer, socket, bytes.bytes, bytes.size);
	closed = rpc_peer_is_closed(socket);
	close(socket);
	rpc_loop_run(&peer.loop);
	return !closed;
}

CASE(first_bytes)
{
	const uint32_t cci = 0x696363;
	uint8_t unknown[32] = { 0 };

	cr_expect(is_taken(2, 0, 1, 0, NULL, cci));
	cr_expect(is_taken(1, 0, 1, 0, NULL, cci));
	cr_expect(is_taken(0xf0000000, 0, 1, 0, NULL, cci), "a later version is answered by what we know");
	cr_expect(is_taken(2, 0xfe, 1, 0, NULL, cci), "other options mean nothing");
	cr_expect_not(is_taken(0, 0, 1, 0, NULL, cci), "version 0");
	cr_expect_not(is_taken(2, 1, 1, 0, NULL, cci), "a new session on which the server is to call");
	cr_expect_not(is_taken(2, 0, 0, 0, NULL, cci), "no descriptors");
	cr_expect_not(is_taken(2, 0, 2, 0, NULL, cci), "descriptors in Trusty's way");
	cr_expect_not(is_taken(2, 0, 1, 16, unknown, cci), "an ID of another length");
	cr_expect_not(is_taken(2, 0, 1, 0xffff, unknown, cci), "an ID of another length");
	cr_expect_not(is_taken(2, 0, 1, 32, unknown, cci), "an ID that no session has");
	cr_expect_not(is_taken(2, 0, 1, 0, NULL, 0x696364), "no \"cci\"");
}

CASE(one_byte_at_a_time)
{
	struct parcel_writer arguments = peer_arguments(2);
	struct rpc_bytes bytes = { .size = 0 };
	uint8_t answer[528];
	int socket = rpc_peer_start(&peer, 2);

	put_transact(&bytes, PEER_ROOT_ADDRESS, PEER_IGNORE, false, 0, &arguments);
	for (size_t i = 0; i < bytes.size; i++) {
		cr_assert_eq(rpc_peer_status(socket, answer), 1);
		rpc_peer_send(&peer, socket, bytes.bytes + i, 1);
	}
	cr_expect_eq(rpc_peer_status(socket, answer), RPC_OK);
	parcel_writer_free(&arguments);
	close(socket);
}

CASE(references_that_it_does_not_have)
{
	static const struct {
		uint64_t address;
		uint32_t amount;
		bool ends;
	} cases[] = { { 3, 1, false },
		      { 3, 0, false },
		      { 3, 2, true },
		      { 3, 0xffffffff, true },
		      { 3 | UINT64_C(1) << 32, 1, true },
		      { 1, 1, true } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rpc_bytes bytes = { .size = 0 };
		int socket = rpc_peer_start(&peer, 2);

		put32(&bytes, RPC_DEC_STRONG);
		put32(&bytes, 16);
		put64(&bytes, 0);
		put64(&bytes, cases[i].address);
		put32(&bytes, cases[i].amount);
		put32(&bytes, 0);
		rpc_peer_send(&peer, socket, bytes.bytes, bytes.size);
		cr_expect_eq(rpc_peer_is_closed(socket), cases[i].ends, "case %zu", i);
		close(socket);
		rpc_loop_run(&peer.loop);
	}
}

CASE(connections_without_end)
{
	int sockets[40];
	size_t open = 0;

	for (size_t i = 0; i < 40; i++)
		sockets[i] = rpc_peer_connect(&peer);
	for (size_t i = 0; i < 40; i++)
		open += !rpc_peer_is_closed(sockets[i]);
	cr_expect_eq(open, RPC_MAX_HANDSHAKES);
	for (size_t i = 0; i < 40; i++)
		close(sockets[i]);
	rpc_loop_run(&peer.loop);
	close(rpc_peer_start(&peer, 2));
}

CASE(sessions_without_end)
{
	int sockets[2] = { rpc_peer_start(&peer, 2), rpc_peer_start(&peer, 2) };

	cr_expect_not(is_taken(2, 0, 1, 0, NULL, 0x696363), "a third session");
	cr_expect_not(rpc_peer_is_closed(sockets[0]));
	cr_expect_not(rpc_peer_is_closed(sockets[1]), "the others go on");
	close(sockets[0]);
	rpc_loop_run(&peer.loop);
	cr_expect(is_taken(2, 0, 1, 0, NULL, 0x696363), "there is room again");
	close(sockets[1]);
}

/* Calls the root's method CODE; the status of the reply. */
static int32_t call(int socket, uint32_t code)
{
	struct parcel_writer arguments = peer_arguments(2);
	struct rpc_bytes bytes = { .size = 0 };
	uint8_t answer[528];

	put_transact(&bytes, PEER_ROOT_ADDRESS, code, false, 0, &arguments);
	rpc_peer_send(&peer, socket, bytes.bytes, bytes.size);
	parcel_writer_free(&arguments);
	return rpc_peer_status(socket, answer);
}

CASE(connections_of_a_session_without_end)
{
	int first = rpc_peer_start(&peer, 2), sockets[12], open = 0;

	cr_assert_eq(call(first, PEER_IGNORE), RPC_OK);
	for (int i = 0; i < 12; i++)
		sockets[i] = rpc_peer_join(&peer, true);
	for (int i = 0; i < 12; i++)
		open += !rpc_peer_is_closed(sockets[i]);
	cr_expect_eq(open, RPC_MAX_INCOMING);
	int second = rpc_peer_join(&peer, false), third = rpc_peer_join(&peer, false);
	cr_expect_not(rpc_peer_is_closed(second));
	cr_expect(rpc_peer_is_closed(third), "max_threads is 2");
	cr_expect_eq(call(first, PEER_IGNORE), RPC_OK, "the session goes on");
	close(sockets[0]);
	rpc_loop_run(&peer.loop);
	cr_expect(rpc_peer_is_closed(first), "any connection that ends is the session's end");
	for (int i = 1; i < 12; i++)
		close(sockets[i]);
	close(first);
	close(second);
	close(third);
}

CASE(a_call_on_a_connection_for_callbacks)
{
	struct parcel_writer arguments = peer_arguments(2);
	struct rpc_bytes bytes = { .size = 0 };
	int first = rpc_peer_start(&peer, 2), incoming;

	call(first, PEER_IGNORE);
	incoming = rpc_peer_join(&peer, true);
	put_transact(&bytes, PEER_ROOT_ADDRESS, PEER_IGNORE, false, 0, &arguments);
	rpc_peer_send(&peer, incoming, bytes.bytes, bytes.size);
	cr_expect(rpc_peer_is_closed(incoming));
	cr_expect(rpc_peer_is_closed(first));
	parcel_writer_free(&arguments);
	close(first);
	close(incoming);
}

/* A peer sends requests and never reads: the server stops reading, and keeps at most one answer beyond the socket's buffer. */
CASE(a_peer_that_does_not_read)
{
	struct parcel_writer arguments = peer_arguments(2);
	struct rpc_bytes bytes = { .size = 0 };
	int socket = rpc_peer_start(&peer, 2);
	unsigned int calls = 0;

	put_transact(&bytes, PEER_ROOT_ADDRESS, PEER_IGNORE, false, 0, &arguments);
	do {
		calls = peer.calls;
		while (send(socket, bytes.bytes, bytes.size, MSG_DONTWAIT | MSG_NOSIGNAL) > 0)
			;
		rpc_loop_run(&peer.loop);
	} while (peer.calls != calls);
	cr_expect_eq(peer.ended, 0);
	cr_expect_gt(calls, 10);
	close(socket);
	rpc_loop_run(&peer.loop);
	cr_expect_eq(peer.ended, 1);
	parcel_writer_free(&arguments);
}

CASE(a_peer_that_does_not_read_callbacks)
{
	struct parcel_writer arguments = peer_arguments(2);
	struct rpc_bytes bytes = { .size = 0 };
	int socket = rpc_peer_start(&peer, 2), incoming, sent = 0, r;

	parcel_write_binder(&arguments, RPC_ADDRESS_CREATED);
	put_transact(&bytes, PEER_ROOT_ADDRESS, PEER_CALLBACK, false, 0, &arguments);
	rpc_peer_send(&peer, socket, bytes.bytes, bytes.size);
	parcel_writer_free(&arguments);
	cr_assert_eq(peer.callback, RPC_ADDRESS_CREATED);
	incoming = rpc_peer_join(&peer, true);
	do {
		struct parcel_writer writer;
		uint8_t text[1024] = { 0 };

		parcel_writer_init(&writer, 2);
		parcel_write_bytes(&writer, text, sizeof(text));
		r = rpc_session_call(peer.session, peer.callback, 1, &writer, 0, NULL, NULL);
	} while (r == 0 && sent++ < 100000);
	cr_expect_lt(sent, 4000, "the queue is bounded");
	cr_expect_eq(peer.ended, 1);
	close(incoming);
	close(socket);
}

/* A malformed bootstrap request; the next one is served. */
static void bad_request(const void *bytes, size_t size, size_t fd_count)
{
	size_t connections = peer.loop.count;

	rpc_peer_send_fds(&peer, peer.bootstrap[0], bytes, size, fd_count);
	while (rpc_endpoint_bootstrap(peer.endpoint, peer.bootstrap[1]) == 0)
		;
	cr_expect_eq(peer.loop.count, connections);
}

CASE(requests_for_connections)
{
	static const uint8_t zeroes[4], other[4] = { 0, 0, 1, 0 };

	bad_request(zeroes, 4, 0);
	bad_request(zeroes, 4, 2);
	bad_request(zeroes, 4, 50);
	bad_request(other, 4, 1);
	close(rpc_peer_start(&peer, 2));
	cr_expect_eq(rpc_endpoint_bootstrap(peer.endpoint, peer.bootstrap[1]), -EAGAIN);
	shutdown(peer.bootstrap[0], SHUT_WR);
	cr_expect_eq(rpc_endpoint_bootstrap(peer.endpoint, peer.bootstrap[1]), -ECONNRESET);
}

/* Descriptors that come with the second half of a message are closed. */
CASE(descriptors_in_a_body)
{
	struct parcel_writer arguments = peer_arguments(2);
	struct rpc_bytes bytes = { .size = 0 };
	int socket = rpc_peer_start(&peer, 2);

	put_transact(&bytes, PEER_ROOT_ADDRESS, PEER_IGNORE, false, 0, &arguments);
	rpc_peer_send(&peer, socket, bytes.bytes, 16);
	rpc_peer_send_fds(&peer, socket, bytes.bytes + 16, bytes.size - 16, 1);
	cr_expect(rpc_peer_is_closed(socket));
	parcel_writer_free(&arguments);
	close(socket);
}

/* Its header can be read, and it can't be answered: the session must not outlive its only connection. */
CASE(a_client_that_hangs_up_before_the_response)
{
	static const uint8_t header[RPC_CONNECTION_HEADER_BYTES] = { 2, [5] = RPC_FDS_UNIX };
	int socket = rpc_peer_connect(&peer);

	cr_assert_eq(send(socket, header, sizeof(header), MSG_NOSIGNAL), (ssize_t)sizeof(header));
	close(socket);
	rpc_loop_run(&peer.loop);
	cr_expect(rpc_endpoint_is_idle(peer.endpoint));
	cr_expect_eq(peer.ended, 1u);
	cr_expect_str_eq(peer.reason, "the peer closed it");
	cr_expect_eq(peer.error, 0);
}

static int watch_nothing(struct rpc_connection *connection, uint32_t events, void *data)
{
	(void)connection;
	(void)events;
	(void)data;
	return -ENOSPC;
}

/* A shortage of this machine's is told with its error, whether there is a session or not. */
CASE(a_connection_that_fails_without_a_session)
{
	struct rpc_settings settings = {
		.root = &peer.root,
		.fd_mode = RPC_FDS_UNIX,
		.max_threads = 1,
		.max_sessions = 1,
		.max_body = 65536,
		.watch = watch_nothing,
		.unwatch = rpc_loop_unwatch,
		.ended = rpc_peer_ended,
		.data = &peer,
	};
	struct rpc_endpoint *endpoint = rpc_endpoint_new(&settings);
	int ends[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	cr_assert_eq(rpc_endpoint_accept(endpoint, ends[1]), 0);
	cr_expect_eq(peer.ended, 1u);
	cr_expect_eq(peer.error, -ENOSPC);
	cr_expect_str_eq(peer.reason, "its socket can't be waited for");
	cr_expect(rpc_peer_is_closed(ends[0]));
	close(ends[0]);
	rpc_endpoint_free(endpoint);
}
