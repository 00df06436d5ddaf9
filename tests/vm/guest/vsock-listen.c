// SPDX-License-Identifier: Apache-2.0
/*
 * vsock-listen PORT [SECONDS]: the host's side of a nested guest's hello.  Says when it listens, accepts one connection,
 * prints the peer's CID and its line, answers with a line.  Exit status: 0 after an answer, 1 for an error, 2 for bad usage, 3 when nobody
 * came or spoke in time (60 s unless said otherwise).
 */
#include <err.h>
#include <linux/vm_sockets.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define DEFAULT_SECONDS 60
#define STATUS_USAGE 2
#define STATUS_LATE 3

static void too_late(int signal)
{
	(void)signal;
	_exit(STATUS_LATE);
}

static unsigned int number(const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (end == text || *end || value == 0 || value >= VMADDR_PORT_ANY)
		errx(STATUS_USAGE, "'%s' is no positive number\nusage: vsock-listen PORT [SECONDS]", text);
	return value;
}

static int listen_on(unsigned int port)
{
	struct sockaddr_vm address = {
		.svm_family = AF_VSOCK,
		.svm_cid = VMADDR_CID_ANY,
		.svm_port = port,
	};
	int fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		err(1, "vsock socket");
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		err(1, "binding port %u", port);
	if (listen(fd, 1) < 0)
		err(1, "listening on port %u", port);
	return fd;
}

static void talk(int fd, unsigned int cid)
{
	FILE *peer = fdopen(fd, "r");
	char line[256];

	if (!peer || !fgets(line, sizeof(line), peer))
		errx(1, "CID %u connected and said nothing", cid);
	printf("CID %u: %s", cid, line);
	if (dprintf(fd, "welcome, CID %u\n", cid) < 0)
		err(1, "answering CID %u", cid);
	fclose(peer);
}

int main(int argc, char **argv)
{
	struct sockaddr_vm peer = { 0 };
	socklen_t len = sizeof(peer);
	int listener;
	int fd;

	if (argc < 2 || argc > 3)
		errx(STATUS_USAGE, "usage: vsock-listen PORT [SECONDS]");
	signal(SIGALRM, too_late);
	alarm(argc == 3 ? number(argv[2]) : DEFAULT_SECONDS);
	listener = listen_on(number(argv[1]));
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("listening on port %s\n", argv[1]);
	fd = accept4(listener, (struct sockaddr *)&peer, &len, SOCK_CLOEXEC);
	if (fd < 0)
		err(1, "accept");
	talk(fd, peer.svm_cid);
	return 0;
}
