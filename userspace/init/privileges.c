/* SPDX-License-Identifier: Apache-2.0 */
#include "init/privileges.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"

static bool has_sys_admin(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};

	return syscall(SYS_capget, &header, data) == 0 && (data[0].effective & CAP_TO_MASK(CAP_SYS_ADMIN));
}

/* The initial user namespace maps all numbers to themselves (user_namespaces(7)).  Without /proc: assume it. */
static bool in_initial_namespace(void)
{
	_cleanup_close_ int fd = open("/proc/self/uid_map", O_RDONLY | O_CLOEXEC);
	unsigned int inside, outside, count;
	char text[100];
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (n < 0)
		return true;
	text[n] = '\0';
	return sscanf(text, "%u %u %u", &inside, &outside, &count) == 3 && !inside && !outside && count == 4294967295U;
}

bool privileges_suffice(void)
{
	if (has_sys_admin() && in_initial_namespace())
		return true;
	log_error(
		"this program must be run by root with CAP_SYS_ADMIN in the initial user namespace (it runs as user %u): nothing was "
		"loaded, and KVM was not closed",
		(unsigned int)geteuid());
	return false;
}
