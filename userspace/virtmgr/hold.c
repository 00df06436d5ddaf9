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
	*hold = (struct hold){ .loop = loop, .listener.fd = -1, .spare = -1, .ended = ended, .data = data };
	for (size_t i = 0; i < HOLD_MAX_VISITORS; i++)
		hold->visitors[i] = (struct visitor){ .source.fd = -1, .hold = hold };
}

bool hold_is_on(const struct hold *hold)
{
	return hold->listener.fd >= 0;
}

static void dismiss(struct visitor *visitor)
{
	event_loop_remove(visitor->hold->loop, &visitor->source);
	visitor->source.fd = close_fd(visitor->source.fd);
}

static void refuse_visitor(int fd, uint32_t request, enum evm_status status, const char *text)
{
	struct evm_message answer;

	log_warning("a request to a VM that is held was refused: %s", text);
	evm_message_init(&answer, EVM_ANSWER, request);
	answer.status = status;
	snprintf(answer.text, sizeof(answer.text), "%s", text);
	evm_send(fd, &answer, MSG_DONTWAIT);
}

/* Whether REQUEST asks for the one thing that can be had here. */
static bool accepts(const struct hold *hold, int fd, const struct evm_message *request)
{
	if (request->type != EVM_UNHOLD_VM)
		refuse_visitor(fd, request->request, EVM_STATUS_PROTOCOL, "only EVM_UNHOLD_VM can be asked here");
	else if (request->cid != hold->cid)
		refuse_visitor(fd, request->request, EVM_STATUS_STATE, "it is another VM that is held here");
	else
		return true;
	return false;
}

static void on_request(struct event_source *source, uint32_t events)
{
	struct visitor *visitor = source->owner;
	struct hold *hold = visitor->hold;
	struct evm_message request;
	const char *problem;
	bool asked = false;
	int r = evm_receive(source->fd, MSG_DONTWAIT, &request, &problem);

	(void)events;
	if (r == -EAGAIN)
		return;
	if (r == -EPROTO)
		refuse_visitor(source->fd, 0, EVM_STATUS_PROTOCOL, problem);
	if (r == 0) {
		asked = accepts(hold, source->fd, &request);
		evm_message_close(&request);
	}
	if (asked) {
		evm_message_init(&request, EVM_ANSWER, request.request);
		request.cid = hold->cid;
		evm_send(source->fd, &request, MSG_DONTWAIT);
	}
	dismiss(visitor);
	if (asked)
		hold->ended(hold->data);
}

static bool may_ask(int fd)
{
	struct ucred peer;
	socklen_t length = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 && (peer.uid == 0 || peer.uid == geteuid());
}

/* Who can't be let in would stand at the door, and wake the loop again and again. */
static void turn_away(struct hold *hold)
{
	int fd;

	log_error("who asks for the VM with CID %u to be held no more is turned away: %s", hold->cid, strerror(errno));
	hold->spare = close_fd(hold->spare);
	fd = accept4(hold->listener.fd, NULL, NULL, SOCK_CLOEXEC);
	if (fd < 0 && errno != EAGAIN)
		event_loop_remove(hold->loop, &hold->listener);
	close_fd(fd);
	hold->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void on_visitor(struct event_source *source, uint32_t events)
{
	struct hold *hold = source->owner;
	_cleanup_close_ int fd = accept4(source->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)events;
	if (fd < 0 && errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
		turn_away(hold);
	for (size_t i = 0; fd >= 0 && may_ask(fd) && i < HOLD_MAX_VISITORS; i++) {
		struct visitor *visitor = &hold->visitors[i];

		if (visitor->source.fd >= 0)
			continue;
		visitor->source = (struct event_source){ fd, on_request, visitor };
		if (event_loop_add(hold->loop, &visitor->source, EPOLLIN) < 0)
			visitor->source.fd = -1;
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
	hold->listener = (struct event_source){ fd, on_visitor, hold };
	r = listen(fd, HOLD_MAX_VISITORS) < 0 ? -errno : event_loop_add(hold->loop, &hold->listener, EPOLLIN);
	if (r < 0) {
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
	for (size_t i = 0; i < HOLD_MAX_VISITORS; i++)
		dismiss(&hold->visitors[i]);
	if (!hold_is_on(hold))
		return;
	event_loop_remove(hold->loop, &hold->listener);
	hold->listener.fd = close_fd(hold->listener.fd);
	hold->spare = close_fd(hold->spare);
	unlinkat(directory, SOCKET_NAME, 0);
}
