/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client that executes its arguments one after the other, and prints the result of each:
 *
 *   open FILE     opens it for reading and writing
 *   claim CID     sets the CID of a vhost-vsock device that it opens
 *   bind PORT     binds a vsock port
 *   wait          waits for the end of its standard input
 *
 * Each says "WORD 0" or "WORD <errno>".  The exit status tells about mistakes in the words alone.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/vhost.h>
#include <linux/vm_sockets.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static int try_open(const char *file)
{
	int fd = open(file, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static int try_claim(const char *number)
{
	uint64_t cid = strtoull(number, NULL, 10);
	int fd = open("/dev/vhost-vsock", O_RDWR | O_CLOEXEC);
	int error = fd < 0 || ioctl(fd, VHOST_VSOCK_SET_GUEST_CID, &cid) ? errno : 0;

	if (fd >= 0)
		close(fd);
	return error;
}

static int try_bind(const char *number)
{
	struct sockaddr_vm address = { .svm_family = AF_VSOCK,
				       .svm_cid = VMADDR_CID_ANY,
				       .svm_port = (unsigned int)strtoul(number, NULL, 10) };
	int fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int error = fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) ? errno : 0;

	if (fd >= 0)
		close(fd);
	return error;
}

static const struct {
	const char *word;
	int (*try)(const char *argument);
} words[] = { { "open", try_open }, { "claim", try_claim }, { "bind", try_bind } };

static void wait_for_end(void)
{
	char byte;

	while (read(STDIN_FILENO, &byte, 1) > 0)
		continue;
}

/* 0, or 1: there is no such word. */
static int act(const char *word, const char *argument)
{
	for (size_t i = 0; argument && i < sizeof(words) / sizeof(words[0]); i++) {
		if (!strcmp(words[i].word, word)) {
			printf("%s %d\n", word, words[i].try(argument));
			return 0;
		}
	}
	return 1;
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "wait")) {
			puts("waits");
			wait_for_end();
		} else if (act(argv[i], argv[i + 1])) {
			fprintf(stderr, "%s: no such word\n", argv[i]);
			return 2;
		} else {
			i++;
		}
	}
	return 0;
}
