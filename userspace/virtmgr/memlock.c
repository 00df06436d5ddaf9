/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/memlock.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>

#include "common/log.h"

int memlock_lift(void)
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
		log_warning(
			"RLIMIT_MEMLOCK can't be lifted: the client needs the capability SYS_RESOURCE; VMs that lock memory will fail");
		return 0;
	}
	log_error("RLIMIT_MEMLOCK can't be lifted: %s", strerror(error));
	return -error;
}
