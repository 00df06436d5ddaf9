/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/hold.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "common/transport.h"

#define SOCKET_NAME "manager.sock"

void hold_init(struct hold *hold, int loop, void (*ended)(void *data), void *data)
{
	*hold = (struct hold){
		.loop = loop, .listener.fd = -1, .spare = -1, .pause = ACCEPT_PAUSE_NONE, .ended = ended, .data = data
	};
	for (size_t i = 0; i < HOLD_MAX_PEERS; i++)
		hold->peers[i] = (struct hold_peer){ .source.fd = -1, .hold = hold };
}

bool hold_is_on(const struct hold *hold)
{
	return hold->listener.fd >= 0;
}

static void close_peer(struct hold_peer *peer)
{
	event_loop_remove(peer->hold->loop, &peer->source);
	peer->source.fd = close_fd(peer->source.fd);
}

static void reject(int fd, uint32_t request, enum evm_status status, const char *text)
{
	struct evm_message answer;

	log_warning("rejected a request to a held VM: %s", text);
	evm_message_init(&answer, EVM_ANSWER, request);
	answer.status = status;
	snprintf(answer.text, sizeof(answer.text), "%s", text);
	evm_send(fd, &answer, MSG_DONTWAIT);
}

/* Checks REQUEST: EVM_UNHOLD_VM for this VM is the only valid one here. */
static bool is_valid_request(const struct hold *hold, int fd, const struct evm_message *request)
{
	if (request->type != EVM_UNHOLD_VM)
		reject(fd, request->request, EVM_STATUS_PROTOCOL, "only EVM_UNHOLD_VM is valid on this socket");
	else if (request->cid != hold->cid)
		reject(fd, request->request, EVM_STATUS_STATE, "this socket belongs to another VM");
	else
		return true;
	return false;
}

static void on_request(struct event_source *source, uint32_t events)
{
	struct hold_peer *peer = source->owner;
	struct hold *hold = peer->hold;
	struct evm_message request;
	const char *problem;
	bool asked = false;
	int r = evm_receive(source->fd, MSG_DONTWAIT, &request, &problem);

	(void)events;
	if (r == -EAGAIN)
		return;
	if (r == -EPROTO)
		reject(source->fd, 0, EVM_STATUS_PROTOCOL, problem);
	if (r == 0) {
		asked = is_valid_request(hold, source->fd, &request);
		evm_message_close(&request);
	}
	if (asked) {
		evm_message_init(&request, EVM_ANSWER, request.request);
		request.cid = hold->cid;
		evm_send(source->fd, &request, MSG_DONTWAIT);
	}
	close_peer(peer);
	if (asked)
		hold->ended(hold->data);
}

static bool may_release(int fd)
{
	struct ucred peer;
	socklen_t length = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 && (peer.uid == 0 || peer.uid == geteuid());
}

/* Another process may take the place of the spare descriptor, or there is no memory: then it is tried again, or never where neither is lacking. */
static void fail_to_accept(struct hold *hold, int error)
{
	int r = accept_pause_begin(&hold->pause, error);

	if (r > 0)
		log_warning("CID %u: accept failed, it is tried again every second: %s", hold->cid, strerror(error));
	if (r >= 0)
		return;
	log_error("CID %u: accept failed, the VM can't be released any more: %s", hold->cid, strerror(error));
	accept_pause_close(&hold->pause);
	event_loop_remove(hold->loop, &hold->listener);
}

/*
 * A connection that is not accepted would wake the loop again and again: accept it with the spare descriptor, and close
 * it.
 */
static void reject_pending(struct hold *hold, int error)
{
	int fd;

	hold->spare = close_fd(hold->spare);
	fd = accept4(hold->listener.fd, NULL, NULL, SOCK_CLOEXEC);
	if (fd >= 0) {
		accept_pause_end(&hold->pause);
		log_error("CID %u: rejected a release request: %s", hold->cid, strerror(error));
	} else if (!accept_error_is_transient(errno)) {
		fail_to_accept(hold, errno);
	}
	close_fd(fd);
	hold->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void on_connect(struct event_source *source, uint32_t events)
{
	struct hold *hold = source->owner;
	_cleanup_close_ int fd = accept4(source->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)events;
	if (fd >= 0)
		accept_pause_end(&hold->pause);
	else if (!accept_error_is_transient(errno))
		reject_pending(hold, errno);
	for (size_t i = 0; fd >= 0 && may_release(fd) && i < HOLD_MAX_PEERS; i++) {
		struct hold_peer *peer = &hold->peers[i];

		if (peer->source.fd >= 0)
			continue;
		peer->source = (struct event_source){ fd, on_request, peer };
		if (event_loop_add(hold->loop, &peer->source, EPOLLIN) < 0)
			peer->source.fd = -1;
		else
			steal_fd(&fd);
		return;
	}
}

int hold_begin(struct hold *hold, uint32_t cid, int directory)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	_cleanup_close_ int fd = -1, spare = -1;
	int r;

	if (hold_is_on(hold))
		return 0;
	spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (spare < 0)
		return -errno;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/" SOCKET_NAME, directory);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	hold->cid = cid;
	hold->listener = (struct event_source){ fd, on_connect, hold };
	r = listen(fd, HOLD_MAX_PEERS) < 0 ? -errno : accept_pause_open(&hold->pause, hold->loop, &hold->listener);
	if (r == 0)
		r = event_loop_add(hold->loop, &hold->listener, EPOLLIN);
	if (r < 0) {
		accept_pause_close(&hold->pause);
		hold->listener.fd = -1;
		unlinkat(directory, SOCKET_NAME, 0);
	} else {
		steal_fd(&fd);
		hold->spare = steal_fd(&spare);
	}
	return r;
}

void hold_end(struct hold *hold, int directory)
{
	for (size_t i = 0; i < HOLD_MAX_PEERS; i++)
		close_peer(&hold->peers[i]);
	if (!hold_is_on(hold))
		return;
	accept_pause_close(&hold->pause);
	event_loop_remove(hold->loop, &hold->listener);
	hold->listener.fd = close_fd(hold->listener.fd);
	hold->spare = close_fd(hold->spare);
	unlinkat(directory, SOCKET_NAME, 0);
}
