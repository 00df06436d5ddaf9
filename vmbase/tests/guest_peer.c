// SPDX-License-Identifier: Apache-2.0
/*
 * The host's end of the vsock example, in place of a manager and a client:
 *
 *	guest_peer CID PORT
 *
 * listens on port CID and says so, takes the guest's one connection there, answers each of its messages and prints it
 * as a line: "started", "ready", "finished CODE", "error CODE: TEXT", "log: TEXT".  Between "ready" and the next message it connects
 * to the guest's PORT (0: it does not), sends a lot, and prints "echoed N" when the same came back.
 * Exit code 1: anything else happened.
 */
#include <errno.h>
#include <linux/vm_sockets.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "early_vm/guest_protocol.h"

#define ECHO_SIZE 20000 /* several times what the guest's driver holds, and less than the host's buffers */

static int fail(const char *what)
{
	int error = errno;

	log_error("%s: %s", what, strerror(error));
	return -error;
}

static bool read_all(int fd, void *to, size_t size)
{
	size_t done = 0;
	ssize_t n;

	while (done < size && (n = read(fd, (char *)to + done, size - done)) > 0)
		done += (size_t)n;
	return done == size;
}

static int accept_guest(uint32_t cid)
{
	struct sockaddr_vm address = { .svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_ANY, .svm_port = cid };
	socklen_t size = sizeof(address);
	_cleanup_close_ int listener = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0), guest = -1;

	if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof(address)) || listen(listener, 1))
		return fail("listen");
	puts("listening");
	guest = accept(listener, (struct sockaddr *)&address, &size);
	if (guest < 0)
		return fail("accept");
	if (address.svm_cid != cid) {
		log_error("CID %u connected, not %u", address.svm_cid, cid);
		return -EPROTO;
	}
	return steal_fd(&guest);
}

/* Everything is sent before anything is read, so that the echo has to wait for room on its way back. */
static int try_echo(uint32_t cid, uint32_t port)
{
	struct sockaddr_vm address = { .svm_family = AF_VSOCK, .svm_cid = cid, .svm_port = port };
	_cleanup_close_ int guest = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);
	static uint8_t sent[ECHO_SIZE], received[ECHO_SIZE];
	uint8_t more;

	for (size_t i = 0; i < ECHO_SIZE; i++)
		sent[i] = (uint8_t)(i * 31 >> 3);
	if (guest < 0 || connect(guest, (struct sockaddr *)&address, sizeof(address)))
		return fail("connect to the guest");
	if (write(guest, sent, ECHO_SIZE) != ECHO_SIZE || shutdown(guest, SHUT_WR))
		return fail("write to the guest");
	if (!read_all(guest, received, ECHO_SIZE) || memcmp(sent, received, ECHO_SIZE) || read(guest, &more, 1) != 0) {
		log_error("the guest did not send back what it was sent");
		return -EPROTO;
	}
	printf("echoed %d\n", ECHO_SIZE);
	return 0;
}

static void print_message(const struct evm_guest_header *header, const char *text)
{
	switch (header->type) {
	case EVM_GUEST_STARTED:
		puts("started");
		break;
	case EVM_GUEST_READY:
		puts("ready");
		break;
	case EVM_GUEST_FINISHED:
		printf("finished %d\n", header->value);
		break;
	case EVM_GUEST_ERROR:
		printf("error %d: %s\n", header->value, text);
		break;
	case EVM_GUEST_LOG:
		printf("log: %s\n", text);
		break;
	}
}

/* Receives one message.  Returns 1, or 0 when the guest has closed the connection. */
static int take_message(int guest, uint32_t cid, uint32_t port)
{
	struct evm_guest_reply reply = { .magic = EVM_GUEST_MAGIC, .version = EVM_GUEST_VERSION };
	struct evm_guest_header header;
	char text[EVM_GUEST_TEXT_MAX + 1] = "";
	ssize_t n = read(guest, &header, 1);

	if (n == 0)
		return 0;
	if (n < 0 || !read_all(guest, (char *)&header + 1, sizeof(header) - 1))
		return fail("read a message");
	if (evm_guest_check_header(&header) != EVM_GUEST_OK || !read_all(guest, text, header.text_size)) {
		log_error("the guest does not keep to the protocol");
		return -EPROTO;
	}
	print_message(&header, text);
	if (write(guest, &reply, sizeof(reply)) != sizeof(reply))
		return fail("answer");
	return header.type == EVM_GUEST_READY && port && try_echo(cid, port) ? -EPROTO : 1;
}

int main(int argc, char **argv)
{
	uint32_t cid = argc == 3 ? (uint32_t)strtoul(argv[1], NULL, 10) : 0,
		 port = cid ? (uint32_t)strtoul(argv[2], NULL, 10) : 0;
	_cleanup_close_ int guest = -1;
	int r;

	log_open("guest_peer", LOG_TO_STDERR, LOG_LEVEL_INFO);
	if (!cid) {
		log_error("usage: guest_peer CID PORT");
		return EXIT_FAILURE;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	guest = accept_guest(cid);
	if (guest < 0)
		return EXIT_FAILURE;
	do
		r = take_message(guest, cid, port);
	while (r > 0);
	return r == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
