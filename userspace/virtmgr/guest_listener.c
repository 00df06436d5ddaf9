/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/guest_listener.h"

#include <errno.h>
#include <linux/vm_sockets.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "common/cleanup.h"
#include "common/log.h"

static void complain(const struct guest_listener *listener, uint32_t *complaints, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Protocol errors of a guest or of another peer can be repeated without end, so their number in the log is limited for
 * each VM; peers with other CIDs have a limit of their own, so that they can't hide what the guest does.
 */
static void complain(const struct guest_listener *listener, uint32_t *complaints, const char *format, ...)
{
	const char *last = complaints == &listener->other_complaints ?
				   " (further connections from other CIDs are not logged)" :
				   " (further errors of its connections are not logged)";
	char text[200];
	va_list args;

	if (*complaints == GUEST_MAX_COMPLAINTS)
		return;
	++*complaints;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	log_warning("%s%s", text, *complaints == GUEST_MAX_COMPLAINTS ? last : "");
}

static void close_connection(struct guest_connection *connection)
{
	event_loop_remove(connection->listener->loop, &connection->source);
	connection->source.fd = close_fd(connection->source.fd);
}

/* A socket that has no room for 4 bytes belongs to a guest that has not taken thousands of replies. */
static bool reply(struct guest_connection *connection, enum evm_guest_status status)
{
	struct evm_guest_reply bytes = { EVM_GUEST_MAGIC, EVM_GUEST_VERSION, (uint8_t)status };
	ssize_t n = send(connection->source.fd, &bytes, sizeof(bytes), MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n == sizeof(bytes))
		return true;
	if (n >= 0 || errno == EAGAIN)
		complain(connection->listener, &connection->listener->complaints,
			 "the guest with CID %u does not read its replies: its connection was closed",
			 connection->listener->cid);
	return false;
}

/* Returns whether the connection goes on. */
static bool handle_message(struct guest_connection *connection, const struct guest_message *message)
{
	struct guest_listener *listener = connection->listener;

	if (message->status == EVM_GUEST_OK)
		return reply(connection, listener->handle(message, listener->data));
	complain(listener, &listener->complaints,
		 "the guest with CID %u broke the protocol (%s): its connection is closed", listener->cid,
		 message->status == EVM_GUEST_BAD_VERSION ? "its version is not 1" : "the message is invalid");
	reply(connection, message->status);
	return false;
}

/* One read for each turn of the loop, however much there is: others get theirs. */
static bool serve(struct guest_connection *connection)
{
	uint8_t buffer[2048];
	const uint8_t *bytes = buffer;
	ssize_t n = recv(connection->source.fd, buffer, sizeof(buffer), MSG_DONTWAIT);
	size_t size = n > 0 ? (size_t)n : 0;
	struct guest_message message;

	if (n <= 0)
		return n < 0 && (errno == EAGAIN || errno == EINTR);
	while (guest_decode(&connection->decoder, &bytes, &size, &message))
		if (!handle_message(connection, &message))
			return false;
	return true;
}

static enum evm_guest_status on_binder_report(const struct guest_message *message, void *data)
{
	struct guest_listener *listener = data;

	return listener->handle(message, listener->data);
}

static void on_binder_failed(const char *reason, int error, void *data)
{
	struct guest_listener *listener = data;

	complain(listener, &listener->complaints,
		 "an RPC binder connection of the guest with CID %u has failed: %s%s%s", listener->cid, reason,
		 error ? ": " : "", error ? strerror(-error) : "");
}

/* The slot is free again: RPC binder counts its connections itself. */
static void give_to_binder(struct guest_connection *connection)
{
	struct guest_listener *listener = connection->listener;
	int fd = connection->source.fd, r = -ENOMEM;

	event_loop_remove(listener->loop, &connection->source);
	connection->source.fd = -1;
	if (!listener->binder)
		listener->binder = guest_binder_new(listener->loop, on_binder_report, on_binder_failed, listener);
	if (listener->binder)
		r = guest_binder_take(listener->binder, fd);
	else
		close_fd(fd);
	if (r == -EBUSY)
		on_binder_failed("too many others have not started a session yet", 0, listener);
	else if (r < 0)
		on_binder_failed("it can't be served", r, listener);
}

/* Whether the connection goes on here: the first byte tells who serves it, and is left where it is. */
static bool greet(struct guest_connection *connection)
{
	uint8_t first;
	ssize_t n = recv(connection->source.fd, &first, sizeof(first), MSG_DONTWAIT | MSG_PEEK);

	if (n <= 0)
		return n < 0 && (errno == EAGAIN || errno == EINTR);
	connection->known = true;
	if (!guest_binder_is_spoken(first))
		return serve(connection);
	give_to_binder(connection);
	return true;
}

static void on_bytes(struct event_source *source, uint32_t events)
{
	struct guest_connection *connection = source->owner;

	(void)events;
	if (!(connection->known ? serve : greet)(connection))
		close_connection(connection);
}

static struct guest_connection *find_free(struct guest_listener *listener)
{
	for (int i = 0; i < GUEST_MAX_CONNECTIONS; i++)
		if (listener->connections[i].source.fd < 0)
			return &listener->connections[i];
	return NULL;
}

static void adopt(struct guest_listener *listener, int fd)
{
	_cleanup_close_ int owned = fd;
	struct guest_connection *connection = find_free(listener);

	if (!connection) {
		complain(listener, &listener->complaints,
			 "the guest with CID %u has %d connections already: rejected another", listener->cid,
			 GUEST_MAX_CONNECTIONS);
		return;
	}
	*connection = (struct guest_connection){ .source = { fd, on_bytes, connection }, .listener = listener };
	if (event_loop_add(listener->loop, &connection->source, EPOLLIN) < 0)
		connection->source.fd = -1;
	else
		steal_fd(&owned);
}

void guest_listener_take(struct guest_listener *listener, int fd, uint32_t peer)
{
	if (peer == listener->cid) {
		adopt(listener, fd);
		return;
	}
	close_fd(fd);
	complain(listener, &listener->other_complaints,
		 "port %u is for the guest with CID %u: a connection from CID %u was closed", listener->cid,
		 listener->cid, peer);
}

/* What is neither transient nor a shortage would come again at once, for ever. */
static void fail_to_accept(struct guest_listener *listener, int error)
{
	int r = accept_pause_begin(&listener->pause, error);

	if (r > 0)
		log_warning("port %u: accept failed, it is tried again every second: %s", listener->cid,
			    strerror(error));
	if (r >= 0)
		return;
	log_error("port %u: accept failed, the guest can't connect any more: %s", listener->cid, strerror(error));
	accept_pause_close(&listener->pause);
	event_loop_remove(listener->loop, &listener->source);
	listener->source.fd = close_fd(listener->source.fd);
}

static void on_connection(struct event_source *source, uint32_t events)
{
	struct guest_listener *listener = source->owner;
	struct sockaddr_vm peer = { .svm_cid = VMADDR_CID_ANY };
	socklen_t length = sizeof(peer);
	int fd = accept4(source->fd, (struct sockaddr *)&peer, &length, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)events;
	if (fd >= 0) {
		accept_pause_end(&listener->pause);
		guest_listener_take(listener, fd, peer.svm_cid);
	} else if (!accept_error_is_transient(errno)) {
		fail_to_accept(listener, errno);
	}
}

static const char *explain(int error)
{
	static const struct {
		int error;
		const char *words;
	} causes[] = {
		{ EADDRINUSE, "; another process holds it" },
		{ EPERM, "; the kernel's policy refuses it to this process" },
		{ EACCES, "; ports below 1024 need CAP_NET_BIND_SERVICE" },
	};

	for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++)
		if (causes[i].error == error)
			return causes[i].words;
	return "";
}

static int refuse_port(uint32_t cid, struct refusal *refusal)
{
	int error = errno;

	return turn_down(refusal, EVM_STATUS_UNSUPPORTED,
			 "vsock port %u, to which the guest reports, can't be bound: %s (errno %d)%s", cid,
			 strerror(error), error, explain(error));
}

void guest_listener_init(struct guest_listener *listener)
{
	*listener = (struct guest_listener){ .loop = -1, .source.fd = -1, .pause = ACCEPT_PAUSE_NONE };
	for (int i = 0; i < GUEST_MAX_CONNECTIONS; i++)
		listener->connections[i].source.fd = -1;
}

int guest_listener_open(struct guest_listener *listener, uint32_t cid, struct refusal *refusal)
{
	struct sockaddr_vm address = { .svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_ANY, .svm_port = cid };
	_cleanup_close_ int fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	listener->cid = cid;
	if (fd < 0 && errno == EAFNOSUPPORT) {
		log_warning("this kernel has no vsock: the guest with CID %u can't report", cid);
		return 0;
	}
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return refuse_port(cid, refusal);
	listener->source.fd = steal_fd(&fd);
	return 0;
}

bool guest_listener_is_open(const struct guest_listener *listener)
{
	return listener->source.fd >= 0;
}

int guest_listener_start(struct guest_listener *listener, int loop, guest_handler handle, void *data)
{
	int r;

	listener->loop = loop;
	listener->handle = handle;
	listener->data = data;
	listener->source.ready = on_connection;
	listener->source.owner = listener;
	if (listener->source.fd < 0)
		return 0;
	/*
	 * Any peer may connect, and is told from the guest only when it is accepted: those that wait must not take the
	 * guest's place.  How many connections the guest may have is limited when they are accepted.
	 */
	if (listen(listener->source.fd, SOMAXCONN) < 0)
		return -errno;
	r = accept_pause_open(&listener->pause, loop, &listener->source);
	return r < 0 ? r : event_loop_add(loop, &listener->source, EPOLLIN);
}

void guest_listener_close(struct guest_listener *listener)
{
	accept_pause_close(&listener->pause);
	event_loop_remove(listener->loop, &listener->source);
	listener->source.fd = close_fd(listener->source.fd);
	for (int i = 0; i < GUEST_MAX_CONNECTIONS; i++)
		if (listener->connections[i].source.fd >= 0)
			close_connection(&listener->connections[i]);
	guest_binder_free(listener->binder);
	listener->binder = NULL;
}
