/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/memory_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/cleanup.h"

int memory_file_seal(int fd)
{
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) < 0)
		return -errno;
	return 0;
}

int memory_file_make(const char *name, const void *bytes, size_t length)
{
	_cleanup_close_ int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	ssize_t n = fd < 0 ? -1 : write(fd, bytes, length);
	int r;

	if (n < 0)
		return -errno;
	if ((size_t)n < length)
		return -EIO;
	if (lseek(fd, 0, SEEK_SET) < 0)
		return -errno;
	r = memory_file_seal(fd);
	return r < 0 ? r : steal_fd(&fd);
}
