/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connections that come over a socket pair: each request is 4 zero bytes with one descriptor, the server's end of a new
 * stream socket pair.  Nothing else is sent over it, and nothing back.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "common/message_fds.h"
#include "rpcbinder/session_state.h"

enum { REQUEST_BYTES = 4, MAX_REQUEST_FDS = 2 /* one too many, to see it */ };

static size_t count_handshakes(const struct rpc_endpoint *endpoint)
{
	size_t count = 0;

	for (const struct rpc_connection *c = endpoint->handshakes; c; c = c->next)
		count++;
	return count;
}

int rpc_endpoint_accept(struct rpc_endpoint *endpoint, int socket)
{
	struct rpc_connection *connection;
	int r = 0;

	if (count_handshakes(endpoint) >= RPC_MAX_HANDSHAKES) {
		close_fd(socket);
		return -EBUSY;
	}
	rpc_endpoint_enter(endpoint);
	connection = rpc_connection_new(endpoint, socket, RPC_AT_HEADER, &r);
	if (connection)
		rpc_connection_watch(connection);
	rpc_endpoint_leave(endpoint);
	return r;
}

static void keep_fd(struct rpc_endpoint *endpoint, struct msghdr *header)
{
	size_t count = endpoint->bootstrap_fd >= 0;

	if (message_fds_take(header, &endpoint->bootstrap_fd, 1, &count) || header->msg_flags & MSG_CTRUNC)
		endpoint->bootstrap_bad = true;
}

/* The request is complete. */
static void take_request(struct rpc_endpoint *endpoint)
{
	int fd = steal_fd(&endpoint->bootstrap_fd);
	bool bad = endpoint->bootstrap_bad || fd < 0;
	int r;

	endpoint->bootstrap_have = 0;
	endpoint->bootstrap_bad = false;
	if (bad) {
		log_debug("a request for an RPC connection was dropped: it is 4 zero bytes with one descriptor");
		close_fd(fd);
		return;
	}
	r = rpc_endpoint_accept(endpoint, fd);
	if (r == -EBUSY)
		log_debug("an RPC connection was refused: %d have not said yet what they are for", RPC_MAX_HANDSHAKES);
	else if (r < 0)
		log_error("an RPC connection can't be accepted: %s", strerror(-r));
}

int rpc_endpoint_bootstrap(struct rpc_endpoint *endpoint, int bootstrap)
{
	uint8_t bytes[REQUEST_BYTES];
	MESSAGE_FDS_ROOM(MAX_REQUEST_FDS) control;
	struct iovec iov = { bytes, REQUEST_BYTES - endpoint->bootstrap_have };
	struct msghdr header = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t n = recvmsg(bootstrap, &header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);

	if (n < 0)
		return -errno;
	keep_fd(endpoint, &header);
	if (n == 0)
		return -ECONNRESET;
	for (ssize_t i = 0; i < n; i++)
		endpoint->bootstrap_bad |= bytes[i] != 0;
	endpoint->bootstrap_have += (size_t)n;
	if (endpoint->bootstrap_have == REQUEST_BYTES)
		take_request(endpoint);
	return 0;
}

int rpc_bootstrap_connect(int bootstrap)
{
	static const uint8_t request[REQUEST_BYTES];
	MESSAGE_FDS_ROOM(1) control;
	struct iovec iov = { (void *)request, sizeof(request) };
	struct msghdr header = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control };
	int ends[2], error;
	ssize_t n;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0)
		return -errno;
	message_fds_attach(&header, &ends[1], 1);
	n = sendmsg(bootstrap, &header, MSG_NOSIGNAL);
	error = n < 0 ? errno : EPIPE;
	close_fd(ends[1]);
	if (n == (ssize_t)sizeof(request))
		return ends[0];
	close_fd(ends[0]);
	return -error;
}
