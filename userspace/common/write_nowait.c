/* SPDX-License-Identifier: Apache-2.0 */
#include "common/write_nowait.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "common/cleanup.h"

static int result_of(ssize_t n)
{
	return n >= 0 ? 0 : errno == EWOULDBLOCK ? -EAGAIN : -errno;
}

/* A description of its own, so that O_NONBLOCK is for this write alone.  Needs /proc, and the permission to open the file. */
static int open_again(int fd)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

/* A pipe of a kernel before 6.4, or a terminal. */
static int write_to_copy(int fd, const void *data, size_t bytes)
{
	_cleanup_close_ int copy = open_again(fd);
	struct pollfd room = { .fd = fd, .events = POLLOUT };

	if (copy >= 0)
		return result_of(write(copy, data, bytes));
	if (errno == ENXIO)
		return -EPIPE;
	/* Another writer could fill it in between; nothing better is left here. */
	if (poll(&room, 1, 0) != 1)
		return -EAGAIN;
	return result_of(write(fd, data, bytes));
}

int write_nowait(int fd, const void *data, size_t bytes)
{
	struct iovec line = { .iov_base = (void *)data, .iov_len = bytes };
	struct stat st;
	int r;

	if (fstat(fd, &st))
		return -errno;
	if (S_ISREG(st.st_mode))
		return result_of(write(fd, data, bytes));
	if (S_ISSOCK(st.st_mode))
		return result_of(send(fd, data, bytes, MSG_DONTWAIT | MSG_NOSIGNAL));
	r = result_of(pwritev2(fd, &line, 1, -1, RWF_NOWAIT));
	return r == -EOPNOTSUPP || r == -ENOSYS || r == -EINVAL ? write_to_copy(fd, data, bytes) : r;
}
