/* SPDX-License-Identifier: Apache-2.0 */
#include "common/write_nowait.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/safe_open.h"

static ssize_t result_of(ssize_t n)
{
	return n >= 0 ? n : errno == EWOULDBLOCK ? -EAGAIN : -errno;
}

/* A pipe of a kernel before 6.4, or a terminal.  The copy is a description of its own, so that O_NONBLOCK is for this write alone. */
static ssize_t write_to_copy(int fd, const void *data, size_t bytes)
{
	_cleanup_close_ int copy = open_again(fd, O_WRONLY | O_NONBLOCK | O_NOCTTY);
	struct pollfd room = { .fd = fd, .events = POLLOUT };

	if (copy >= 0)
		return result_of(write(copy, data, bytes));
	if (copy == -ENXIO)
		return -EPIPE;
	/* Another writer could fill it in between; nothing better is left here. */
	if (poll(&room, 1, 0) != 1)
		return -EAGAIN;
	return result_of(write(fd, data, bytes));
}

/* /dev/kmsg, /dev/null and their like never block; of them the first may say of no descriptor that there is room. */
static bool is_memory_device(const struct stat *st)
{
	return S_ISCHR(st->st_mode) && major(st->st_rdev) == 1;
}

ssize_t write_nowait(int fd, const void *data, size_t bytes)
{
	struct iovec line = { .iov_base = (void *)data, .iov_len = bytes };
	struct stat st;
	ssize_t r;

	if (fstat(fd, &st))
		return -errno;
	if (S_ISREG(st.st_mode) || is_memory_device(&st))
		return result_of(write(fd, data, bytes));
	if (S_ISSOCK(st.st_mode))
		return result_of(send(fd, data, bytes, MSG_DONTWAIT | MSG_NOSIGNAL));
	r = result_of(pwritev2(fd, &line, 1, -1, RWF_NOWAIT));
	return r == -EOPNOTSUPP || r == -ENOSYS || r == -EINVAL ? write_to_copy(fd, data, bytes) : r;
}
