/* SPDX-License-Identifier: Apache-2.0 */
#include "image/file_io.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"

int write_all_at(int fd, const void *bytes, size_t size, uint64_t offset)
{
	const uint8_t *at = bytes;

	while (size) {
		ssize_t n = pwrite(fd, at, size, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		at += n;
		size -= (size_t)n;
		offset += (size_t)n;
	}
	return 0;
}

int read_all_at(int fd, void *bytes, size_t size, uint64_t offset)
{
	uint8_t *at = bytes;

	while (size) {
		ssize_t n = pread(fd, at, size, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -ENODATA;
		at += n;
		size -= (size_t)n;
		offset += (size_t)n;
	}
	return 0;
}

void empty_incomplete(int fd, const char *what)
{
	if (ftruncate(fd, 0) < 0)
		log_debug("an incomplete %s can't be emptied: %s", what, strerror(errno));
}

const char *file_name_of(int fd, struct file_name *name)
{
	char link[32];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, name->text, sizeof(name->text) - 1);
	if (n < 1) {
		name->text[0] = '?';
		n = 1;
	}
	name->text[n] = 0;
	for (char *at = name->text; *at; at++)
		if (*at < ' ' || *at > '~')
			*at = '?';
	return name->text;
}
