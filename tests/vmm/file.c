// SPDX-License-Identifier: Apache-2.0
#include "vmm/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "vmm/key_values.h"

int inherited_fd(const char *path)
{
	static const char prefix[] = "/proc/self/fd/";
	uint64_t number;

	if (strncmp(path, prefix, sizeof(prefix) - 1) || parse_number(path + sizeof(prefix) - 1, &number) ||
	    number > 1 << 20)
		return -1;
	return (int)number;
}

int open_file(const char *path, int flags)
{
	int inherited = inherited_fd(path);
	int fd = inherited >= 0 ? fcntl(inherited, F_DUPFD_CLOEXEC, 3) : open(path, flags | O_CLOEXEC, 0644);

	if (fd < 0) {
		int error = errno;

		log_error("open %s: %s", path, strerror(error));
		return -error;
	}
	return fd;
}

bool input_can_be_polled(int fd)
{
	struct stat status;

	if (fstat(fd, &status) || !S_ISREG(status.st_mode))
		return true;
	log_error("console input: epoll_ctl: %s (a regular file)", strerror(EPERM));
	return false;
}

int file_map(const char *path, struct mapped_file *ret)
{
	_cleanup_close_ int fd = open_file(path, O_RDONLY);
	struct stat status;
	void *data;

	if (fd < 0)
		return fd;
	if (fstat(fd, &status) || !S_ISREG(status.st_mode) || status.st_size == 0) {
		log_error("%s is no regular file, or empty", path);
		return -ENOEXEC;
	}
	data = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (data == MAP_FAILED) {
		int error = errno;

		log_error("mmap %s: %s", path, strerror(error));
		return -error;
	}
	*ret = (struct mapped_file){ .path = path, .data = data, .size = (size_t)status.st_size };
	return 0;
}

void file_unmap(struct mapped_file *file)
{
	if (file->data)
		munmap((void *)file->data, file->size);
	file->data = NULL;
}

int named_ioctl(int fd, const char *name, unsigned long request, unsigned long argument)
{
	int ret = ioctl(fd, request, argument);

	if (ret < 0) {
		int error = errno;

		log_error("ioctl %s: %s", name, strerror(error));
		return -error;
	}
	return ret;
}

void write_all(int fd, const void *data, size_t size)
{
	const char *next = data;

	while (size) {
		ssize_t n = write(fd, next, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		next += n;
		size -= (size_t)n;
	}
}
