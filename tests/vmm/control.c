// SPDX-License-Identifier: Apache-2.0
#include "vmm/control.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "vmm/file.h"

enum { PACKET_BYTES = 1024, BACKLOG = 4 };

static const char granted[] = "\"Ok\"";
static const char refused[] = "{\"ErrString\":\"this VMM knows Exit and ResumeVcpus\"}";

static const struct {
	enum control_request request;
	const char *json;
} requests[] = {
	{ REQUEST_EXIT, "\"Exit\"" },
	{ REQUEST_RESUME, "\"ResumeVcpus\"" },
};

static int path_error(const char *call, const char *path, int error)
{
	log_error("%s %s: %s", call, path, strerror(error));
	return -error;
}

static int open_socket(const char *path, struct sockaddr_un *ret)
{
	int fd;

	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(ret->sun_path))
		return path_error("socket", path, ENAMETOOLONG);
	memcpy(ret->sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	return fd < 0 ? path_error("socket", path, errno) : fd;
}

int control_listen(const char *path)
{
	_cleanup_close_ int fd = -1;
	struct sockaddr_un address;

	if (inherited_fd(path) >= 0)
		return open_file(path, 0);
	fd = open_socket(path, &address);
	if (fd < 0)
		return fd;
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)))
		return path_error("bind", path, errno);
	if (listen(fd, BACKLOG))
		return path_error("listen", path, errno);
	return steal_fd(&fd);
}

void control_unlink(const char *path)
{
	if (inherited_fd(path) < 0)
		unlink(path);
}

static enum control_request parse(const char *json)
{
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		if (!strcmp(json, requests[i].json))
			return requests[i].request;
	}
	return REQUEST_NONE;
}

int control_answer(int fd, enum control_request *ret)
{
	char packet[PACKET_BYTES];
	ssize_t n = recv(fd, packet, sizeof(packet) - 1, MSG_DONTWAIT);
	const char *answer;

	if (n <= 0)
		return -ENOTCONN;
	packet[n] = '\0';
	*ret = parse(packet);
	answer = *ret == REQUEST_NONE ? refused : granted;
	return send(fd, answer, strlen(answer), MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? -ENOTCONN : 0;
}

static int exchange(int fd, const char *path, const char *json)
{
	char packet[PACKET_BYTES];
	ssize_t n;

	if (send(fd, json, strlen(json), MSG_NOSIGNAL) < 0)
		return path_error("send", path, errno);
	n = recv(fd, packet, sizeof(packet) - 1, 0);
	if (n < 0)
		return path_error("recv", path, errno);
	packet[n] = '\0';
	if (strcmp(packet, granted)) {
		log_error("%s: %s was refused: %s", path, json, n ? packet : "the connection ended");
		return -EPROTO;
	}
	return 0;
}

int control_send(const char *path, enum control_request request)
{
	struct sockaddr_un address;
	_cleanup_close_ int fd = open_socket(path, &address);

	if (fd < 0)
		return fd;
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)))
		return path_error("connect", path, errno);
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		if (requests[i].request == request)
			return exchange(fd, path, requests[i].json);
	}
	return -EINVAL;
}
