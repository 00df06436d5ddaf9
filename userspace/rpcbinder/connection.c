/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "common/cleanup.h"
#include "common/message_fds.h"
#include "rpcbinder/session_state.h"

static int make_nonblocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ? -errno : 0;
}

struct rpc_connection *rpc_connection_new(struct rpc_endpoint *endpoint, int socket, enum rpc_connection_state state,
					  int *ret_error)
{
	struct rpc_connection *connection = calloc(1, sizeof(*connection));
	int r = connection ? make_nonblocking(socket) : -ENOMEM;

	if (r < 0) {
		free(connection);
		close_fd(socket);
		*ret_error = r;
		return NULL;
	}
	connection->endpoint = endpoint;
	connection->fd = socket;
	connection->next = endpoint->handshakes;
	endpoint->handshakes = connection;
	rpc_connection_expect(connection, state);
	return connection;
}

static void close_fds(struct rpc_connection *connection)
{
	for (size_t i = 0; i < connection->fd_count; i++)
		close_fd(connection->fds[i]);
	connection->fd_count = 0;
	connection->fds_lost = false;
}

/* The connection is on no list any more. */
void rpc_connection_free(struct rpc_connection *connection)
{
	const struct rpc_settings *settings = &connection->endpoint->settings;

	if (connection->watched)
		settings->unwatch(connection, settings->data);
	close_fds(connection);
	rpc_send_queue_clear(&connection->out);
	close_fd(connection->fd);
	free(connection->body);
	free(connection);
}

static bool has_ended(const struct rpc_connection *connection)
{
	return connection->closed || (connection->session && connection->session->ended);
}

static void fail(struct rpc_connection *connection, const char *reason, int error)
{
	if (!connection->closed) {
		connection->end_reason = reason;
		connection->end_error = error;
	}
	connection->closed = true;
	if (connection->session)
		rpc_session_end_by_error(connection->session, reason, error);
}

void rpc_connection_fail(struct rpc_connection *connection, const char *reason)
{
	fail(connection, reason, 0);
}

void rpc_connection_fail_by_error(struct rpc_connection *connection, const char *reason, int error)
{
	if (error == -EPIPE || error == -ECONNRESET)
		fail(connection, rpc_peer_closed, 0);
	else
		fail(connection, reason, error);
}

int rpc_connection_fd(const struct rpc_connection *connection)
{
	return connection->fd;
}

void **rpc_connection_user(struct rpc_connection *connection)
{
	return &connection->user;
}

void rpc_connection_expect(struct rpc_connection *connection, enum rpc_connection_state state)
{
	connection->state = state;
	connection->have = 0;
}

/*
 * On a connection on which we are called, nothing is read while the peer waits for our answer, or does not take what we sent: so it can't
 * make us keep more than one answer.  On others we read always: what comes there makes us send nothing.
 */
static bool wants_input(const struct rpc_connection *connection)
{
	if (connection->caller || connection->state < RPC_AT_MESSAGE)
		return true;
	return rpc_send_queue_is_empty(&connection->out) && !(connection->calls && !connection->calls->ours);
}

void rpc_connection_watch(struct rpc_connection *connection)
{
	const struct rpc_settings *settings = &connection->endpoint->settings;
	uint32_t events = EPOLLRDHUP;
	int r;

	if (has_ended(connection))
		return;
	if (wants_input(connection))
		events |= EPOLLIN;
	if (!rpc_send_queue_is_empty(&connection->out))
		events |= EPOLLOUT;
	if (events == connection->watched)
		return;
	r = settings->watch(connection, events, settings->data);
	if (r < 0)
		rpc_connection_fail_by_error(connection, "its socket can't be waited for", r);
	else
		connection->watched = events;
}

static void check_sent(struct rpc_connection *connection, int error)
{
	if (error == -EOVERFLOW)
		rpc_connection_fail(connection, "the peer does not read what it is sent");
	else if (error < 0)
		rpc_connection_fail_by_error(connection, "the peer can't be sent anything", error);
	else
		rpc_connection_watch(connection);
}

void rpc_connection_send(struct rpc_connection *connection, const void *bytes, size_t size)
{
	if (!has_ended(connection))
		check_sent(connection,
			   rpc_send_queue_add(&connection->out, connection->fd, bytes, size, NULL, 0, NULL, 0));
}

enum { MAX_HEAD_BYTES = RPC_HEADER_BYTES + RPC_TRANSACT_BYTES };

void rpc_connection_send_message(struct rpc_connection *connection, enum rpc_command command, const uint8_t *head,
				 size_t size, struct parcel_writer *writer)
{
	static const struct parcel_writer nothing;
	const struct parcel_writer *parcel = writer ? writer : &nothing;
	size_t table_size = 4 * parcel->object_count;
	uint8_t start[MAX_HEAD_BYTES] = { 0 }, *body;
	int r = -ENOMEM;

	if (has_ended(connection))
		return;
	put_le32(start, command);
	put_le32(start + 4, (uint32_t)(size + parcel->size + table_size));
	memcpy(start + RPC_HEADER_BYTES, head, size);
	body = malloc(parcel->size + table_size + 1);
	if (body) {
		if (parcel->size)
			memcpy(body, parcel->data, parcel->size);
		for (size_t i = 0; i < parcel->object_count; i++)
			put_le32(body + parcel->size + 4 * i, parcel->objects[i]);
		r = rpc_send_queue_add(&connection->out, connection->fd, start, RPC_HEADER_BYTES + size, body,
				       parcel->size + table_size, parcel->fds, parcel->fd_count);
		if (writer)
			writer->fd_count = 0;
	}
	free(body);
	check_sent(connection, r);
}

int rpc_connection_push(struct rpc_connection *connection, bool ours, rpc_done done, void *data, uint32_t *ret_number)
{
	struct rpc_frame *frame;

	if (connection->depth == RPC_MAX_NESTED)
		return -EBUSY;
	frame = calloc(1, sizeof(*frame));
	if (!frame)
		return -ENOMEM;
	if (++connection->endpoint->next_call == 0)
		connection->endpoint->next_call = 1; /* 0 stands for no call */
	*frame = (struct rpc_frame){ connection->calls, connection->endpoint->next_call, ours, done, data };
	connection->calls = frame;
	connection->depth++;
	*ret_number = frame->number;
	return 0;
}

void rpc_connection_pop(struct rpc_connection *connection)
{
	struct rpc_frame *frame = connection->calls;

	connection->calls = frame->below;
	connection->depth--;
	free(frame);
}

/*
 * Descriptors come with a message's header alone.  A read goes never beyond what the state waits for: it would join the end of one
 * message with the descriptors of the next.
 */
static ssize_t receive(struct rpc_connection *connection, uint8_t *at, size_t size)
{
	MESSAGE_FDS_ROOM(RPC_MAX_FDS) control;
	bool with_fds = connection->state == RPC_AT_MESSAGE && connection->endpoint->settings.fd_mode == RPC_FDS_UNIX;
	struct iovec iov = { at, size };
	struct msghdr header = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t n;

	if (with_fds) {
		header.msg_control = &control;
		header.msg_controllen = sizeof(control);
	}
	do
		n = recvmsg(connection->fd, &header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	if (with_fds)
		message_fds_take(&header, connection->fds, RPC_MAX_FDS, &connection->fd_count);
	if (header.msg_flags & MSG_CTRUNC) {
		if (!with_fds)
			return -EPROTO;
		connection->fds_lost = true;
	}
	return n;
}

static int grow_body(struct rpc_connection *connection)
{
	size_t capacity = connection->body_capacity ? 2 * connection->body_capacity : RPC_BODY_STEP;
	uint8_t *body;

	if (connection->have < connection->body_capacity)
		return 0;
	body = realloc(connection->body, capacity);
	if (!body)
		return -ENOMEM;
	connection->body = body;
	connection->body_capacity = capacity;
	return 0;
}

static size_t awaited(const struct rpc_connection *connection)
{
	static const size_t sizes[RPC_CONNECTION_STATES] = {
		[RPC_AT_HEADER] = RPC_CONNECTION_HEADER_BYTES,
		[RPC_AT_ID] = RPC_SESSION_ID_BYTES,
		[RPC_AT_INIT] = RPC_INIT_BYTES,
		[RPC_AT_RESPONSE] = RPC_RESPONSE_BYTES,
		[RPC_AT_MESSAGE] = RPC_HEADER_BYTES,
	};

	return connection->state == RPC_AT_BODY ? connection->body_size : sizes[connection->state];
}

/* Where the bytes go that come next, and how many of them. */
static int next_room(struct rpc_connection *connection, uint8_t **ret_at, size_t *ret_size)
{
	size_t missing = awaited(connection) - connection->have, room;

	if (connection->state != RPC_AT_BODY) {
		*ret_at = connection->head + connection->have;
		*ret_size = missing;
		if (connection->state == RPC_AT_ID)
			*ret_at += RPC_CONNECTION_HEADER_BYTES; /* the header is needed still */
		return 0;
	}
	if (grow_body(connection) < 0)
		return -ENOMEM;
	room = connection->body_capacity - connection->have;
	*ret_at = connection->body + connection->have;
	*ret_size = missing < room ? missing : room;
	return 0;
}

/* ERROR 0: the peer has closed the connection. */
static void fail_to_read(struct rpc_connection *connection, int error)
{
	if (error == 0)
		rpc_connection_fail(connection, rpc_peer_closed);
	else if (error == -EPROTO)
		rpc_connection_fail(connection, "descriptors came where none belong");
	else
		rpc_connection_fail_by_error(connection, "its messages can't be read", error);
}

/* Whether all is there that the state waits for. */
static bool fill(struct rpc_connection *connection)
{
	while (connection->have < awaited(connection)) {
		uint8_t *at;
		size_t size;
		ssize_t n = next_room(connection, &at, &size);

		if (n == 0)
			n = receive(connection, at, size);
		else
			n = -ENOMEM;
		if (n == -EAGAIN)
			return false;
		if (n <= 0) {
			fail_to_read(connection, (int)n);
			return false;
		}
		connection->have += (size_t)n;
	}
	return true;
}

static void take_message_header(struct rpc_connection *connection)
{
	uint32_t size = get_le32(connection->head + 4);

	if (get_le32(connection->head) > RPC_DEC_STRONG) {
		rpc_connection_fail(connection, "a message has an unknown command");
	} else if (size > connection->endpoint->settings.max_body) {
		rpc_connection_fail(connection, "a message is too long");
	} else {
		rpc_connection_expect(connection, RPC_AT_BODY);
		connection->body_size = size;
	}
}

static void take_body(struct rpc_connection *connection)
{
	static void (*const takers[])(struct rpc_connection *connection, const uint8_t *body, size_t size) = {
		[RPC_TRANSACT] = rpc_transact,
		[RPC_REPLY] = rpc_receive_reply,
		[RPC_DEC_STRONG] = rpc_dec_strong,
	};

	rpc_connection_expect(connection, RPC_AT_MESSAGE);
	takers[get_le32(connection->head)](connection, connection->body ? connection->body : connection->head,
					   connection->body_size);
	close_fds(connection);
	free(steal_pointer(connection->body));
	connection->body_capacity = 0;
}

/* One message, or one part of the handshake, at most: others have their turn. */
static void take_input(struct rpc_connection *connection)
{
	static void (*const takers[RPC_CONNECTION_STATES])(struct rpc_connection *connection) = {
		[RPC_AT_HEADER] = rpc_handshake_header, [RPC_AT_ID] = rpc_handshake_id,
		[RPC_AT_INIT] = rpc_handshake_init,     [RPC_AT_RESPONSE] = rpc_client_response,
		[RPC_AT_MESSAGE] = take_message_header, [RPC_AT_BODY] = take_body,
	};

	do {
		if (!fill(connection))
			return;
		takers[connection->state](connection);
	} while (!has_ended(connection) && connection->state == RPC_AT_BODY);
}

void rpc_connection_ready(struct rpc_connection *connection, uint32_t events)
{
	struct rpc_endpoint *endpoint = connection->endpoint;

	rpc_endpoint_enter(endpoint);
	if (!has_ended(connection) && events & EPOLLOUT)
		check_sent(connection, rpc_send_queue_flush(&connection->out, connection->fd));
	if (!has_ended(connection) && wants_input(connection))
		take_input(connection);
	else if (!has_ended(connection) && events & (EPOLLHUP | EPOLLERR | EPOLLRDHUP))
		rpc_connection_fail(connection, rpc_peer_closed);
	rpc_connection_watch(connection);
	rpc_endpoint_leave(endpoint);
}
