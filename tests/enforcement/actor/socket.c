/* SPDX-License-Identifier: Apache-2.0 */
/* Steps with sockets: listed ports and CIDs, descriptors that are handed over or taken. */
#include "actor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/vm_sockets.h>

#include "common/cleanup.h"

static int bind_vsock(unsigned int cid, unsigned int port)
{
	struct sockaddr_vm address = { .svm_family = AF_VSOCK, .svm_cid = cid, .svm_port = port };
	_cleanup_close_ int fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		untried("making a vsock socket", errno);
	return bind(fd, (struct sockaddr *)&address, sizeof(address)) ? -errno : 0;
}

static int bind_port(char *port)
{
	return bind_vsock(VMADDR_CID_ANY, (unsigned int)strtoul(port, NULL, 0));
}

static int bind_cid(char *cid)
{
	return bind_vsock((unsigned int)strtoul(cid, NULL, 0), VMADDR_PORT_ANY);
}

/* Room for one descriptor, aligned as it must be. */
union control {
	struct cmsghdr header;
	char room[CMSG_SPACE(sizeof(int))];
};

/* Sends the current descriptor to whoever has FD_MESSAGES, this process or what it becomes, and forgets it. */
static int give(char *argument)
{
	union control control = {};
	struct iovec data = { .iov_base = "", .iov_len = 1 };
	struct msghdr message = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	int pair[2], fd = FD_CURRENT;

	(void)argument;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) || dup2(pair[1], FD_MESSAGES) < 0)
		return -errno;
	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_RIGHTS;
	control.header.cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	if (sendmsg(pair[0], &message, 0) != 1)
		return -errno;
	close(FD_CURRENT);
	return 0;
}

/*
 * Receives what was given.  A receiver that is refused gets the message without the descriptor and no error code
 * (net/core/scm.c, scm_detach_fds): EPERM stands for it here.
 */
static int take(char *argument)
{
	union control control = {};
	char byte;
	struct iovec data = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	int fd;

	(void)argument;
	if (recvmsg(FD_MESSAGES, &message, 0) != 1)
		untried("receiving the message", errno);
	if (message.msg_controllen >= CMSG_LEN(sizeof(fd)) && control.header.cmsg_type == SCM_RIGHTS) {
		memcpy(&fd, CMSG_DATA(&control.header), sizeof(fd));
		return set_current(fd);
	}
	return message.msg_flags & MSG_CTRUNC ? -EPERM : -ENOMSG;
}

/* Takes the descriptor out of the process that stands beside. */
static int steal(char *argument)
{
	_cleanup_close_ int process = (int)syscall(SYS_pidfd_open, beside_pid, 0);

	(void)argument;
	if (process < 0)
		untried("pidfd_open", errno);
	return set_current((int)syscall(SYS_pidfd_getfd, process, FD_CURRENT, 0));
}

/* clang-format off */
const struct step socket_steps[] = {
	{ "bind-port", bind_port },
	{ "bind-cid", bind_cid },
	{ "give", give },
	{ "take", take },
	{ "steal", steal },
	{},
};
/* clang-format on */
