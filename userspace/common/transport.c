/* SPDX-License-Identifier: Apache-2.0 */
#include "common/transport.h"

#include <errno.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "common/cleanup.h"
#include "common/message_fds.h"

int evm_send_packet(int socket, const struct evm_packet *packet, int flags)
{
	MESSAGE_FDS_ROOM(EVM_MAX_DESCRIPTORS) control;
	struct iovec iov = { (void *)packet->bytes, packet->length };
	struct msghdr header = { .msg_iov = &iov, .msg_iovlen = 1 };
	int r;

	if (packet->descriptor_count) {
		header.msg_control = &control;
		message_fds_attach(&header, packet->descriptors, packet->descriptor_count);
	}
	do
		r = (int)sendmsg(socket, &header, flags | MSG_NOSIGNAL);
	while (r < 0 && errno == EINTR);
	return r < 0 ? -errno : 0;
}

int evm_send(int socket, const struct evm_message *message, int flags)
{
	struct evm_packet packet;
	int r = evm_encode(message, &packet);

	return r < 0 ? r : evm_send_packet(socket, &packet, flags);
}

bool evm_peer_keeps_up(int socket, int quarters)
{
	int used, size;
	socklen_t length = sizeof(size);

	return ioctl(socket, SIOCOUTQ, &used) == 0 && getsockopt(socket, SOL_SOCKET, SO_SNDBUF, &size, &length) == 0 &&
	       used < size / 4 * quarters;
}

static void packet_close(struct evm_packet *packet)
{
	while (packet->descriptor_count)
		close_fd(packet->descriptors[--packet->descriptor_count]);
}

/* The kernel truncated the descriptors although the buffer had room for more: it could not install them. */
static int refuse_packet(bool too_long, struct evm_packet *packet, const char **ret_problem)
{
	bool short_of_descriptors = !too_long && packet->descriptor_count < EVM_MAX_DESCRIPTORS;

	packet_close(packet);
	if (short_of_descriptors)
		*ret_problem =
			"the message's descriptors can't be received: Too many open files, or the kernel's policy refuses one";
	else
		*ret_problem = too_long ? "the message is too long" : "the message carries too many descriptors";
	return short_of_descriptors ? -EMFILE : -EPROTO;
}

static int receive_packet(int socket, int flags, struct evm_packet *ret, const char **ret_problem)
{
	MESSAGE_FDS_ROOM(EVM_MAX_DESCRIPTORS) control;
	struct iovec iov = { ret->bytes, sizeof(ret->bytes) };
	struct msghdr header = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t n;

	ret->length = 0;
	ret->descriptor_count = 0;
	do
		n = recvmsg(socket, &header, flags | MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	ret->length = (size_t)n;
	message_fds_take(&header, ret->descriptors, EVM_MAX_DESCRIPTORS, &ret->descriptor_count);
	if (header.msg_flags & (MSG_TRUNC | MSG_CTRUNC))
		return refuse_packet(header.msg_flags & MSG_TRUNC, ret, ret_problem);
	/* An empty packet looks like the end of the stream; neither is a message. */
	if (n == 0)
		packet_close(ret);
	return n == 0 ? -ECONNRESET : 0;
}

int evm_receive(int socket, int flags, struct evm_message *ret, const char **ret_problem)
{
	struct evm_packet packet; /* not cleared: every byte of it is one that was received, or not read */
	int r = receive_packet(socket, flags, &packet, ret_problem), header;

	if (r == -EMFILE) {
		header = evm_decode_header(&packet, ret, ret_problem);
		return header < 0 ? header : r;
	}
	if (r < 0)
		return r;
	r = evm_decode(&packet, ret, ret_problem);
	if (r < 0)
		packet_close(&packet);
	return r;
}

static void close_one(int *fd)
{
	*fd = close_fd(*fd);
}

void evm_message_close(struct evm_message *message)
{
	evm_message_each_descriptor(message, close_one);
}
