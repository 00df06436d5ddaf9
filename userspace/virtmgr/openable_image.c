/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/openable_image.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/safe_open.h"
#include "image/file_io.h"
#include "virtmgr/memory_file.h"

enum { COPY_BYTES = 64 * 1024 };

/* From the beginning, wherever the descriptor stands: that is where a VMM reads, too. */
static int copy(int from, int to)
{
	char bytes[COPY_BYTES];
	off_t at = 0;

	for (;;) {
		ssize_t n = pread(from, bytes, sizeof(bytes), at);
		int r = n < 0 ? -errno : write_all_at(to, bytes, (size_t)n, (uint64_t)at);

		if (n <= 0 || r < 0)
			return r;
		at += n;
	}
}

static int open_copy(int fd)
{
	_cleanup_close_ int memory = memfd_create("image", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int r = memory < 0 ? -errno : copy(fd, memory);

	if (r < 0)
		return r;
	r = memory_file_seal(memory);
	return r < 0 ? r : steal_fd(&memory);
}

int openable_image_make(int *fd)
{
	int image;

	if (*fd < 0)
		return 0;
	image = open_again(*fd, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	if (image < 0)
		image = open_copy(*fd);
	if (image < 0)
		return image;
	close_fd(*fd);
	*fd = image;
	return 0;
}
