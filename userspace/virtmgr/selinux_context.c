/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/selinux_context.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"

/* Longer paths of a root are those of tests. */
enum { PATH_BYTES = 512 };

static int open_below(const char *root, const char *path)
{
	char text[PATH_BYTES];
	int fd;

	if (snprintf(text, sizeof(text), "%s%s", root, path) >= (int)sizeof(text))
		return -ENAMETOOLONG;
	fd = open(text, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* The kernel registers its file system only if SELinux was enabled at boot; libselinux looks for it in the same place. */
static int selinux_is_on(const char *root)
{
	_cleanup_close_ int fd = open_below(root, "/proc/filesystems");
	char text[4096]; /* 32 file systems have 600 bytes */
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (fd < 0)
		return fd;
	if (n < 0)
		return -errno;
	text[n] = 0;
	return strstr(text, "nodev\tselinuxfs\n") != NULL;
}

/* Until the first policy is loaded there is none, and the kernel answers with the name of its initial one: "kernel". */
static int read_context(const char *root, char *ret, size_t size)
{
	_cleanup_close_ int fd = open_below(root, "/proc/self/attr/prev");
	ssize_t n = fd < 0 ? -1 : read(fd, ret, size);

	if (fd < 0)
		return fd;
	if (n < 0)
		return -errno;
	if ((size_t)n == size)
		return -E2BIG;
	ret[n] = 0; /* the kernel ends it by a NUL itself, or by a newline */
	ret[strcspn(ret, "\n")] = 0;
	return 0;
}

int selinux_client_context(const char *root, char *ret, size_t size)
{
	int r = selinux_is_on(root);

	*ret = 0;
	if (r > 0)
		r = read_context(root, ret, size);
	if (r < 0)
		*ret = 0;
	return r;
}
