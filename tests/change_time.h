/* SPDX-License-Identifier: Apache-2.0 */
/* For tools of the tests that give a file the change time of another one, as root can by the clock. */
#ifndef TESTS_CHANGE_TIME_H
#define TESTS_CHANGE_TIME_H

#include <errno.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>

/* Changes nothing of a file but a flag of its inode, of which no hook is asked, and its change time.  0 or a negative errno. */
static inline int toggle_nodump(int fd)
{
	int flags;

	if (ioctl(fd, FS_IOC_GETFLAGS, &flags))
		return -errno;
	flags ^= FS_NODUMP_FL;
	return ioctl(fd, FS_IOC_SETFLAGS, &flags) ? -errno : 0;
}

/*
 * Gives the file the change time WANTED by a change while the clock says so.  Time stamps are of the coarse clock, which is
 * exactly what was set until the next tick; a tick in between is seen by the result, and it is tried again.
 *
 * From 6.13 on (multigrain timestamps) a change gets a time of the fine clock, which is never the wanted one, if the time
 * before it was read and the coarse clock is not later.  So each try begins with a change at an earlier time.
 *
 * Returns 0, -ETIME if a tick came in between each time, or another negative errno.
 */
static inline int set_change_time(int fd, const struct timespec *wanted)
{
	enum { TRIES = 100000, SECONDS_EARLIER = 10 };
	const struct timespec earlier = { wanted->tv_sec - SECONDS_EARLIER, wanted->tv_nsec };

	for (int i = 0; i < TRIES; i++) {
		struct timespec before;
		struct stat st;
		int r;

		clock_gettime(CLOCK_REALTIME, &before);
		if (clock_settime(CLOCK_REALTIME, &earlier))
			return -errno;
		r = toggle_nodump(fd);
		clock_settime(CLOCK_REALTIME, wanted);
		if (!r)
			r = toggle_nodump(fd);
		clock_settime(CLOCK_REALTIME, &before);
		if (r)
			return r;
		if (fstat(fd, &st))
			return -errno;
		if (st.st_ctim.tv_sec == wanted->tv_sec && st.st_ctim.tv_nsec == wanted->tv_nsec)
			return 0;
	}
	return -ETIME;
}

#endif
