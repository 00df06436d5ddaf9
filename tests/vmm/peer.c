// SPDX-License-Identifier: Apache-2.0
/*
 * The host's end of a vsock conversation in tests:
 *
 *	vsock_peer CID [ANSWER]
 *
 * listens on port CID and says so, takes one connection, prints "peer cid=N: TEXT", answers, and waits for the other
 * side to end it.  Exit code 1: anything failed, or the connection came from another CID.
 */
#include <errno.h>
#include <linux/vm_sockets.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"

static int fail(const char *call)
{
	int error = errno;

	log_error("%s: %s", call, strerror(error));
	return -error;
}

static int listen_on(uint32_t port)
{
	struct sockaddr_vm address = { .svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_ANY, .svm_port = port };
	_cleanup_close_ int fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return fail("socket");
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)))
		return fail("bind");
	if (listen(fd, 1))
		return fail("listen");
	return steal_fd(&fd);
}

/* One line is the guest's whole message. */
static int talk(int fd, unsigned cid, const char *answer)
{
	char text[256] = "";
	size_t length = 0;
	ssize_t n;

	while (length < sizeof(text) - 1 && !strchr(text, '\n')) {
		n = read(fd, text + length, sizeof(text) - 1 - length);
		if (n <= 0)
			return fail(n ? "read" : "the connection ended without a message");
		length += (size_t)n;
	}
	printf("peer cid=%u: %s", cid, text);
	if (dprintf(fd, "%s\n", answer) < 0)
		return fail("write");
	while ((n = read(fd, text, sizeof(text))) > 0)
		;
	return 0;
}

int main(int argc, char **argv)
{
	struct sockaddr_vm peer = { 0 };
	socklen_t size = sizeof(peer);
	_cleanup_close_ int listener = -1, connection = -1;
	uint32_t port;

	log_open("vsock_peer", LOG_TO_STDERR, LOG_LEVEL_INFO);
	if (argc < 2 || argc > 3) {
		log_error("usage: vsock_peer CID [ANSWER]");
		return EXIT_FAILURE;
	}
	port = (uint32_t)strtoul(argv[1], NULL, 10);
	listener = listen_on(port);
	if (listener < 0)
		return EXIT_FAILURE;
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("listening on port %u\n", port);
	connection = accept4(listener, (struct sockaddr *)&peer, &size, SOCK_CLOEXEC);
	if (connection < 0) {
		fail("accept");
		return EXIT_FAILURE;
	}
	if (peer.svm_cid != port) {
		log_error("a connection from CID %u, not %u", peer.svm_cid, port);
		return EXIT_FAILURE;
	}
	return talk(connection, peer.svm_cid, argc > 2 ? argv[2] : "welcome") ? EXIT_FAILURE : EXIT_SUCCESS;
}
