/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/setup.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common/log.h"

int setup_standard_fds(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd < 0) {
		fd = -errno;
		log_error("/dev/null can't be opened: %s", strerror(-fd));
		return fd;
	}
	close(fd);
	return 0;
}

int setup_lift_memlock(void)
{
	const struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	struct rlimit now;
	int error;

	if (setrlimit(RLIMIT_MEMLOCK, &unlimited) == 0)
		return 0;
	error = errno;
	if (getrlimit(RLIMIT_MEMLOCK, &now) == 0 && now.rlim_cur == RLIM_INFINITY)
		return 0;
	if (error == EPERM) {
		log_warning("RLIMIT_MEMLOCK can't be lifted: the client needs the capability SYS_RESOURCE; VMs that lock memory will fail");
		return 0;
	}
	log_error("RLIMIT_MEMLOCK can't be lifted: %s", strerror(error));
	return -error;
}

static rlim_t nofile_before;

void setup_raise_nofile(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur == limit.rlim_max)
		return;
	nofile_before = limit.rlim_cur;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		log_warning("RLIMIT_NOFILE can't be raised: %s", strerror(errno));
}

void setup_restore_nofile(void)
{
	struct rlimit limit;

	if (nofile_before && getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = nofile_before;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}
