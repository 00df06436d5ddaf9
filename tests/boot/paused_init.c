/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Linked into early_vm_init in place of bpf_sys_pin: the loader fails at the twelfth link while ftrace is paused, when that link
 * exists and is not pinned yet.  How is told by the kernel parameter fault.pin=die|hang|error.  Where ftrace is not paused nothing
 * fails.  For test machines only.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "common/bpf_sys.h"
#include "common/cleanup.h"
#include "common/kernel_needs.h"

enum { FAILING_LINK = 12 };

int __real_bpf_sys_pin(int fd, const char *path);
int __wrap_bpf_sys_pin(int fd, const char *path);

static void read_start(const char *path, char *text, size_t bytes)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, bytes - 1);

	text[n < 0 ? 0 : n] = '\0';
}

static int fail(void)
{
	char parameters[1024];

	read_start("/proc/cmdline", parameters, sizeof(parameters));
	if (strstr(parameters, "fault.pin=die"))
		raise(SIGKILL);
	while (strstr(parameters, "fault.pin=hang"))
		pause();
	return -ENOSPC;
}

int __wrap_bpf_sys_pin(int fd, const char *path)
{
	static int links;
	char value[8];

	read_start(FTRACE_SWITCH, value, sizeof(value));
	if (strstr(path, "/links/") && *value == '0' && ++links == FAILING_LINK)
		return fail();
	return __real_bpf_sys_pin(fd, path);
}
