/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/vsock_connects.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <linux/vm_sockets.h>

#include "common/cleanup.h"

void vsock_connects_init(struct vsock_connects *connects, int loop,
			 void (*done)(uint32_t request, int result, void *data), void *data)
{
	*connects = (struct vsock_connects){ .loop = loop, .done = done, .data = data };
	for (size_t i = 0; i < VSOCK_MAX_CONNECTS; i++)
		connects->slots[i] = (struct vsock_connect){ .source.fd = -1, .all = connects };
}

bool vsock_port_is_allowed(uint32_t port)
{
	return port >= 1024 || (port >= 2 && port <= 20);
}

/* Returns 0 or a negative errno; the client gets a stream that blocks, like Android's. */
static int finish(int fd)
{
	int error = 0, flags = fcntl(fd, F_GETFL);
	socklen_t length = sizeof(error);

	if (flags < 0 || getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0)
		return -errno;
	if (error)
		return -error;
	return fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) < 0 ? -errno : 0;
}

static void on_connected(struct event_source *source, uint32_t events)
{
	struct vsock_connect *connect = source->owner;
	int fd = source->fd, r = finish(fd);

	(void)events;
	event_loop_remove(connect->all->loop, source);
	source->fd = -1;
	if (r < 0)
		close_fd(fd);
	connect->all->done(connect->request, r < 0 ? r : fd, connect->all->data);
}

static struct vsock_connect *find_free(struct vsock_connects *connects)
{
	for (size_t i = 0; i < VSOCK_MAX_CONNECTS; i++)
		if (connects->slots[i].source.fd < 0)
			return &connects->slots[i];
	return NULL;
}

int vsock_connects_adopt(struct vsock_connects *connects, int fd, uint32_t request, struct refusal *refusal)
{
	struct vsock_connect *slot = find_free(connects);
	_cleanup_close_ int owned = fd;
	int r;

	if (!slot)
		return turn_down(refusal, EVM_STATUS_UNSUPPORTED, "no more than %d connections can be made at once",
				 VSOCK_MAX_CONNECTS);
	slot->request = request;
	slot->source = (struct event_source){ fd, on_connected, slot };
	r = event_loop_add(connects->loop, &slot->source, EPOLLOUT);
	if (r < 0) {
		slot->source.fd = -1;
		return turn_down(refusal, EVM_STATUS_INTERNAL, "the connection can't be watched: %s", strerror(-r));
	}
	steal_fd(&owned);
	return 0;
}

int vsock_connects_begin(struct vsock_connects *connects, uint32_t cid, uint32_t port, uint32_t request,
			 struct refusal *refusal)
{
	struct sockaddr_vm address = { .svm_family = AF_VSOCK, .svm_cid = cid, .svm_port = port };
	_cleanup_close_ int fd = -1;

	if (!vsock_port_is_allowed(port))
		return turn_down(refusal, EVM_STATUS_CONFIG, "Can't connect to privileged port %u", port);
	fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return turn_down(refusal, EVM_STATUS_GUEST, "Failed to connect: there is no vsock: %s",
				 strerror(errno));
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0 && errno != EINPROGRESS)
		return turn_down(refusal, EVM_STATUS_GUEST, "Failed to connect to port %u of CID %u: %s", port, cid,
				 strerror(errno));
	return vsock_connects_adopt(connects, steal_fd(&fd), request, refusal);
}

void vsock_connects_close(struct vsock_connects *connects)
{
	for (size_t i = 0; i < VSOCK_MAX_CONNECTS; i++) {
		event_loop_remove(connects->loop, &connects->slots[i].source);
		connects->slots[i].source.fd = close_fd(connects->slots[i].source.fd);
	}
}
