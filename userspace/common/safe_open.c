/* SPDX-License-Identifier: Apache-2.0 */
#include "common/safe_open.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/cleanup.h"

int refuse(struct reason *reason, int error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(reason->text, sizeof(reason->text), format, args);
	va_end(args);
	return error;
}

int open_root(const char *root)
{
	int fd = open(*root ? root : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int open_in_root(int root_fd, const char *path, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)(flags | O_CLOEXEC),
		.resolve = root_fd == AT_FDCWD ? 0 : RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	long fd;

	/* RESOLVE_IN_ROOT fails with EAGAIN if a directory is renamed meanwhile; openat2(2): try again. */
	do {
		fd = syscall(SYS_openat2, root_fd, path, &how, sizeof(how));
	} while (fd < 0 && errno == EAGAIN);
	return fd < 0 ? -errno : (int)fd;
}

int open_protected_file(int root_fd, const char *path, struct reason *reason)
{
	_cleanup_close_ int fd = open_in_root(root_fd, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd == -ENOENT)
		return refuse(reason, fd, "does not exist");
	if (fd == -ELOOP)
		return refuse(reason, fd, "is a symbolic link; a regular file is needed, not a link to one");
	if (fd == -ENXIO)
		return refuse(reason, fd, "is no regular file");
	if (fd < 0)
		return refuse(reason, fd, "can't be opened: %s", strerror(-fd));
	if (fstat(fd, &st) < 0)
		return refuse(reason, -errno, "can't be examined: %s", strerror(errno));
	if (!S_ISREG(st.st_mode))
		return refuse(reason, -EINVAL, "is no regular file");
	if (st.st_mode & (S_IWGRP | S_IWOTH))
		return refuse(reason, -EPERM, "may be written by %s (mode %04o); chmod go-w",
			      st.st_mode & S_IWOTH ? "others" : "its group", st.st_mode & 07777);
	return steal_fd(&fd);
}

/* Reads until the end or until SIZE bytes are there.  Returns how many, or a negative errno. */
static ssize_t read_up_to(int fd, char *bytes, size_t size)
{
	size_t done = 0;
	ssize_t n;

	while (done < size) {
		n = read(fd, bytes + done, size - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

int read_whole(int fd, size_t max, char **ret_bytes, size_t *ret_size, struct reason *reason)
{
	_cleanup_free_ char *bytes = malloc(max + 1);
	ssize_t size;

	if (!bytes)
		return refuse(reason, -ENOMEM, "can't be read: %s", strerror(ENOMEM));
	size = read_up_to(fd, bytes, max + 1);
	if (size < 0)
		return refuse(reason, (int)size, "can't be read: %s", strerror((int)-size));
	if ((size_t)size > max)
		return refuse(reason, -EFBIG, "is larger than %zu bytes", max);
	bytes[size] = '\0';
	*ret_bytes = steal_pointer(bytes);
	*ret_size = (size_t)size;
	return 0;
}
