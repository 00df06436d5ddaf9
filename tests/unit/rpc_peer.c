/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc_peer.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/message_fds.h"

static struct rpc_peer *peer_of(struct rpc_object *root)
{
	return (struct rpc_peer *)((char *)root - offsetof(struct rpc_peer, root));
}

static int32_t pass_fd(struct rpc_call *call)
{
	bool null;
	int fd = parcel_read_fd(&call->in, &null);

	if (!parcel_read_end(&call->in))
		return call->in.status;
	parcel_write_fd(&call->out, parcel_take_fd(&call->in, fd));
	return RPC_OK;
}

static int32_t take_callback(struct rpc_peer *peer, struct rpc_call *call)
{
	uint64_t address = parcel_read_binder(&call->in);

	if (!parcel_read_end(&call->in))
		return call->in.status;
	rpc_session_keep(call->session, address);
	peer->callback = address;
	return RPC_OK;
}

static int32_t root_transact(struct rpc_object *object, struct rpc_call *call)
{
	struct rpc_peer *peer = peer_of(object);

	peer->session = call->session;
	peer->last_code = call->code;
	peer->calls++;
	if (call->code == PEER_NEW) {
		parcel_write_binder(&call->out, rpc_session_address(call->session, &peer->child));
	} else if (call->code == PEER_FD) {
		return pass_fd(call);
	} else if (call->code == PEER_LATER) {
		peer->later = call->number;
		return RPC_LATER;
	} else if (call->code == PEER_ORDER) {
		memmove(peer->order, peer->order + 1, sizeof(peer->order) - sizeof(peer->order[0]));
		peer->order[15] = (uint32_t)parcel_read_i32(&call->in);
	} else if (call->code == PEER_CALLBACK) {
		return take_callback(peer, call);
	} else if (call->code != PEER_IGNORE) {
		return RPC_UNKNOWN_TRANSACTION;
	}
	return RPC_OK;
}

static int32_t child_transact(struct rpc_object *object, struct rpc_call *call)
{
	(void)object;
	(void)call;
	return RPC_UNKNOWN_TRANSACTION;
}

static void child_released(struct rpc_object *object, struct rpc_session *session)
{
	struct rpc_peer *peer = (struct rpc_peer *)((char *)object - offsetof(struct rpc_peer, child));

	(void)session;
	peer->released++;
}

const struct rpc_class peer_root_class = { "test.IRoot", root_transact, NULL };
const struct rpc_class peer_child_class = { "test.IChild", child_transact, child_released };

void rpc_peer_ended(struct rpc_session *session, const char *reason, int error, void *data)
{
	struct rpc_peer *peer = data;

	peer->ended++;
	peer->reason = reason;
	peer->error = error;
	if (peer->session == session)
		peer->session = NULL;
}

void rpc_peer_begin(struct rpc_peer *peer, enum rpc_fd_mode fd_mode)
{
	struct rpc_settings settings = {
		.root = &peer->root,
		.fd_mode = fd_mode,
		.max_threads = 2,
		.max_sessions = 2,
		.max_body = 65536,
		.watch = rpc_loop_watch,
		.unwatch = rpc_loop_unwatch,
		.ended = rpc_peer_ended,
		.data = peer,
	};

	memset(peer, 0, sizeof(*peer));
	peer->root.class = &peer_root_class;
	peer->child.class = &peer_child_class;
	peer->endpoint = rpc_endpoint_new(&settings);
	cr_assert(peer->endpoint);
	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, peer->bootstrap), 0);
}

void rpc_peer_end(struct rpc_peer *peer)
{
	rpc_endpoint_free(peer->endpoint);
	close(peer->bootstrap[0]);
	close(peer->bootstrap[1]);
}

int rpc_peer_connect(struct rpc_peer *peer)
{
	int socket = rpc_bootstrap_connect(peer->bootstrap[0]);

	cr_assert_geq(socket, 0);
	cr_assert_eq(rpc_endpoint_bootstrap(peer->endpoint, peer->bootstrap[1]), 0);
	return socket;
}

void rpc_peer_send_fds(struct rpc_peer *peer, int socket, const void *bytes, size_t size, size_t fd_count)
{
	MESSAGE_FDS_ROOM(253) control;
	struct iovec iov = { (void *)bytes, size };
	struct msghdr header = { .msg_iov = &iov, .msg_iovlen = 1 };
	int fd = memfd_create("peer", MFD_CLOEXEC), fds[253];

	for (size_t i = 0; i < fd_count; i++)
		fds[i] = fd;
	if (fd_count) {
		header.msg_control = &control;
		message_fds_attach(&header, fds, fd_count);
	}
	cr_assert_eq(sendmsg(socket, &header, MSG_NOSIGNAL | MSG_DONTWAIT), (ssize_t)size, "%s", strerror(errno));
	close(fd);
	rpc_loop_run(&peer->loop);
}

void rpc_peer_send(struct rpc_peer *peer, int socket, const void *bytes, size_t size)
{
	rpc_peer_send_fds(peer, socket, bytes, size, 0);
}

int rpc_peer_start(struct rpc_peer *peer, uint32_t version)
{
	int socket = rpc_peer_connect(peer);
	struct rpc_bytes bytes = { .size = 0 };
	uint8_t answer[528];

	put32(&bytes, version);
	put64(&bytes, 0x100); /* RPC_FDS_UNIX */
	put32(&bytes, 0);
	put64(&bytes, 0x696363); /* "cci" */
	put_transact(&bytes, 0, RPC_GET_ROOT, false, 0, NULL);
	rpc_peer_send(peer, socket, bytes.bytes, bytes.size);
	cr_assert_eq(recv(socket, answer, 8, 0), 8);
	peer->version = get_le32(answer);
	cr_assert_eq(rpc_peer_status(socket, answer), 0);
	return socket;
}

int rpc_peer_join(struct rpc_peer *peer, bool incoming)
{
	int socket = rpc_peer_connect(peer);
	struct rpc_bytes bytes = { .size = 0 };

	put32(&bytes, 2);
	put64(&bytes, incoming ? 0x101 : 0x100);
	put32(&bytes, 32 << 16);
	memcpy(bytes.bytes + bytes.size, rpc_session_id(peer->session), 32);
	bytes.size += 32;
	if (!incoming)
		put64(&bytes, 0x696363);
	rpc_peer_send(peer, socket, bytes.bytes, bytes.size);
	return socket;
}

bool rpc_peer_is_closed(int socket)
{
	uint8_t bytes[512];
	ssize_t n;

	while ((n = recv(socket, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0)
		;
	return n == 0 || errno == ECONNRESET;
}

size_t rpc_peer_receive(int socket, uint8_t ret[528])
{
	size_t size;

	if (recv(socket, ret, 16, MSG_DONTWAIT) != 16)
		return 0;
	size = get_le32(ret + 4);
	cr_assert_leq(size, 512);
	if (size)
		cr_assert_eq(recv(socket, ret + 16, size, MSG_DONTWAIT), (ssize_t)size);
	return 16 + size;
}

int32_t rpc_peer_status(int socket, uint8_t ret[528])
{
	while (rpc_peer_receive(socket, ret))
		if (get_le32(ret) == RPC_REPLY)
			return (int32_t)get_le32(ret + 16);
	return 1;
}

void put32(struct rpc_bytes *bytes, uint32_t value)
{
	cr_assert_leq(bytes->size + 4, sizeof(bytes->bytes));
	put_le32(bytes->bytes + bytes->size, value);
	bytes->size += 4;
}

void put64(struct rpc_bytes *bytes, uint64_t value)
{
	put32(bytes, (uint32_t)value);
	put32(bytes, (uint32_t)(value >> 32));
}

void put_transact(struct rpc_bytes *bytes, uint64_t address, uint32_t code, bool oneway, uint64_t number,
		  const struct parcel_writer *parcel)
{
	size_t size = parcel ? parcel->size : 0, objects = parcel ? parcel->object_count : 0;

	put32(bytes, RPC_TRANSACT);
	put32(bytes, (uint32_t)(RPC_TRANSACT_BYTES + size + 4 * objects));
	put64(bytes, 0);
	put64(bytes, address);
	put32(bytes, code);
	put32(bytes, oneway);
	put64(bytes, number);
	put32(bytes, (uint32_t)size);
	put64(bytes, 0);
	put32(bytes, 0);
	if (size)
		memcpy(bytes->bytes + bytes->size, parcel->data, size);
	bytes->size += size;
	for (size_t i = 0; i < objects; i++)
		put32(bytes, parcel->objects[i]);
}

struct parcel_writer peer_arguments(uint32_t version)
{
	struct parcel_writer writer;

	parcel_writer_init(&writer, version);
	parcel_write_string(&writer, peer_root_class.descriptor);
	return writer;
}
