/* SPDX-License-Identifier: Apache-2.0 */
/*
 * same_time FILE OTHER: gives FILE the change time of OTHER, with nothing of it changed but a flag of its inode, of which
 * no hook is asked.  The clock is set to that time for a moment; the kernel's coarse clock says exactly so then.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { TRIES = 100000 }; /* most succeed at once; where the host is busy, each tick comes in between */

static int toggle_flag(int fd)
{
	int flags;

	if (ioctl(fd, FS_IOC_GETFLAGS, &flags))
		return -1;
	flags ^= FS_NODUMP_FL;
	return ioctl(fd, FS_IOC_SETFLAGS, &flags);
}

static int change_at(int fd, const struct timespec *wanted)
{
	struct timespec now;
	int r;

	clock_gettime(CLOCK_REALTIME, &now);
	if (clock_settime(CLOCK_REALTIME, wanted))
		return -1;
	r = toggle_flag(fd);
	clock_settime(CLOCK_REALTIME, &now);
	return r;
}

int main(int argc, char **argv)
{
	struct stat file, other;
	int fd = argc == 3 ? open(argv[1], O_RDONLY | O_CLOEXEC) : -1;

	if (fd < 0 || stat(argv[2], &other)) {
		fprintf(stderr, "same_time FILE OTHER: %s\n", strerror(errno));
		return 2;
	}
	for (int i = 0; i < TRIES; i++) {
		if (change_at(fd, &other.st_ctim) || fstat(fd, &file))
			break;
		if (!memcmp(&file.st_ctim, &other.st_ctim, sizeof(file.st_ctim)))
			return 0;
	}
	fprintf(stderr, "same_time: %s\n", strerror(errno));
	return 1;
}
