/* SPDX-License-Identifier: Apache-2.0 */
#include "init/ftrace.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "common/bpf_sys.h"
#include "common/cleanup.h"
#include "common/log.h"

static int set_switch(const char *value)
{
	_cleanup_close_ int fd = open(FTRACE_SWITCH, O_WRONLY | O_CLOEXEC);

	return fd < 0 || write(fd, value, 1) != 1 ? -errno : 0;
}

/* What can't be found out is taken for one. */
static bool hangs_on_ftrace(uint32_t id)
{
	_cleanup_close_ int fd = bpf_sys_link(id);
	struct bpf_link_info info = {};

	if (fd == -ENOENT)
		return false;
	return fd < 0 || bpf_sys_info(fd, &info, sizeof(info)) || info.type == BPF_LINK_TYPE_TRACING ||
	       info.type == BPF_LINK_TYPE_KPROBE_MULTI;
}

/* Programs on control groups, on the network and the like don't count, of which an init has some. */
static bool others_hang_on_ftrace(void)
{
	uint32_t id = 0;
	int r;

	while ((r = bpf_sys_link_next(id, &id)) == 0)
		if (hangs_on_ftrace(id))
			return true;
	return r != -ENOENT;
}

void ftrace_pause(void)
{
	int r;

	if (others_hang_on_ftrace())
		return;
	r = set_switch("0");
	if (r)
		log_debug("ftrace stays on while programs are attached: %s", strerror(-r));
}

static bool is_off(void)
{
	_cleanup_close_ int fd = open(FTRACE_SWITCH, O_RDONLY | O_CLOEXEC);
	char value;

	return fd < 0 || read(fd, &value, 1) != 1 || value == '0';
}

int ftrace_resume(void)
{
	/* Where /proc/sys can only be read it was never paused. */
	int r = is_off() ? set_switch("1") : 0;

	if (r)
		log_error("can't switch ftrace on (%s), on which the programs hang", strerror(-r));
	return r;
}
