/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "early_vm/protocol.h"

enum { MAX_DESCRIPTORS = 256, KINDS = 5 };

int __real_close(int fd);
int __wrap_close(int fd);

int __wrap_close(int fd)
{
	int r = __real_close(fd);

	CHECK(r == 0 || errno != EBADF);
	return r;
}

/* One call for all: poll says of each number whether it is open. */
size_t harness_descriptors(void)
{
	struct pollfd fds[MAX_DESCRIPTORS];
	size_t open = 0;

	for (int i = 0; i < MAX_DESCRIPTORS; i++)
		fds[i] = (struct pollfd){ .fd = i };
	CHECK(poll(fds, MAX_DESCRIPTORS, 0) >= 0);
	for (int i = 0; i < MAX_DESCRIPTORS; i++)
		open += !(fds[i].revents & POLLNVAL);
	return open;
}

static void open_samples(int samples[KINDS])
{
	int ends[2];

	CHECK((samples[0] = open("/dev/null", O_RDWR | O_CLOEXEC)) >= 0);
	CHECK(pipe2(ends, O_CLOEXEC) == 0);
	samples[1] = ends[1];
	CHECK((samples[2] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) >= 0);
	CHECK((samples[3] = eventfd(0, EFD_CLOEXEC)) >= 0);
	CHECK((samples[4] = memfd_create("fuzz", MFD_CLOEXEC)) >= 0);
}

int harness_descriptor(unsigned int kind)
{
	static int samples[KINDS];

	if (!samples[0])
		open_samples(samples);
	return samples[kind % KINDS];
}

int harness_ready(void)
{
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

	CHECK(fd >= 0);
	return fd;
}

static void attach(struct msghdr *header, size_t count, unsigned int kind)
{
	struct cmsghdr *control = header->msg_control;

	memset(control, 0, header->msg_controllen);
	header->msg_controllen = CMSG_SPACE(sizeof(int) * count);
	control->cmsg_level = SOL_SOCKET;
	control->cmsg_type = SCM_RIGHTS;
	control->cmsg_len = CMSG_LEN(sizeof(int) * count);
	for (size_t i = 0; i < count; i++) {
		int fd = harness_descriptor(kind + (unsigned int)i);

		memcpy(CMSG_DATA(control) + sizeof(fd) * i, &fd, sizeof(fd));
	}
}

bool harness_send(int socket, const uint8_t *bytes, size_t size, size_t count, unsigned int kind)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int) * HARNESS_MAX_SENT)];
	} control;
	struct iovec iov = { (void *)bytes, size };
	struct msghdr header = { .msg_iov = &iov, .msg_iovlen = 1 };

	CHECK(count <= HARNESS_MAX_SENT);
	if (count) {
		header.msg_control = &control;
		header.msg_controllen = sizeof(control);
		attach(&header, count, kind);
	}
	return sendmsg(socket, &header, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0;
}

void harness_set_length(uint8_t *message, size_t size)
{
	const size_t at = 12; /* of early_vm/protocol.h's header */

	if (size < EVM_HEADER_BYTES)
		return;
	size -= EVM_HEADER_BYTES;
	for (size_t i = 0; i < 4; i++)
		message[at + i] = (uint8_t)(size >> 8 * i);
}
