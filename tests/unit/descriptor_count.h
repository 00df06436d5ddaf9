/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_DESCRIPTOR_COUNT_H
#define TESTS_DESCRIPTOR_COUNT_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* How many descriptors this process has open (and a few more, always the same number). */
static inline int count_descriptors(void)
{
	DIR *list = opendir("/proc/self/fd");
	int count = 0;

	while (readdir(list))
		count++;
	closedir(list);
	return count;
}

/* The count, once it is BEFORE: another thread may be about to close its own.  After a minute it is what it is. */
static inline int count_descriptors_until(int before)
{
	int count = count_descriptors();

	for (int i = 0; i < 6000 && count != before; i++) {
		usleep(10000);
		count = count_descriptors();
	}
	return count;
}

/* From here on this process can open none, until allow_descriptors. */
static inline struct rlimit forbid_descriptors(void)
{
	struct rlimit old, none;
	int lowest = open("/dev/null", O_RDONLY | O_CLOEXEC);

	close(lowest);
	getrlimit(RLIMIT_NOFILE, &old);
	none = (struct rlimit){ .rlim_cur = (rlim_t)lowest, .rlim_max = old.rlim_max };
	setrlimit(RLIMIT_NOFILE, &none);
	return old;
}

static inline void allow_descriptors(const struct rlimit *old)
{
	setrlimit(RLIMIT_NOFILE, old);
}

/*
 * As many descriptors are on their way from this user as the limit allows: to send another is ETOOMANYREFS, until the two ENDS are
 * closed.  This process loses its capabilities.  False: the test can't be done.
 */
static inline bool park_descriptors(int ends[2])
{
	enum { LIMIT = 64, PARKED = 2 * LIMIT };
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct none[2] = { { 0 } };
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(PARKED * sizeof(int))];
	} control = { .bytes = { 0 } };
	struct iovec iov = { "x", 1 };
	struct msghdr message = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)
	};
	struct rlimit limit;

	if (syscall(SYS_capset, &head, none) < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return false;
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = LIMIT;
	control.header = (struct cmsghdr){ CMSG_LEN(PARKED * sizeof(int)), SOL_SOCKET, SCM_RIGHTS };
	for (int i = 0; i < PARKED; i++)
		memcpy(CMSG_DATA(&control.header) + (size_t)i * sizeof(int), &ends[0], sizeof(int));
	setrlimit(RLIMIT_NOFILE, &limit);
	/* Another test of this user may have as many on their way. */
	for (int i = 0; sendmsg(ends[1], &message, 0) < 0; i++) {
		if (errno != ETOOMANYREFS || i == 3000)
			return false;
		usleep(10000);
	}
	return true;
}

#endif
