/* SPDX-License-Identifier: Apache-2.0 */
#include "init/ftrace_pause.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/bpf_sys.h"
#include "common/cleanup.h"
#include "common/kernel_needs.h"
#include "common/log.h"

/* The inode number of the initial PID namespace (include/linux/proc_ns.h, PROC_PID_INIT_INO). */
enum { INITIAL_PID_NAMESPACE = 0xeffffffc };

static bool is_initial_namespace(void)
{
	struct stat st;

	return stat("/proc/self/ns/pid", &st) == 0 && (unsigned int)st.st_ino == INITIAL_PID_NAMESPACE;
}

/* Kernel threads have no executable, and processes that ended have none any more. */
static bool is_process(const char *pid)
{
	char path[64], target[2];

	snprintf(path, sizeof(path), "/proc/%.32s/exe", pid);
	return readlink(path, target, sizeof(target)) >= 0 || errno != ENOENT;
}

/* Does a process run besides this one and its parent?  True also where that can't be found out. */
static bool others_run(void)
{
	DIR *proc = opendir("/proc");
	const struct dirent *entry;
	bool found = !proc;

	while (!found && (entry = readdir(proc))) {
		int pid = isdigit((unsigned char)*entry->d_name) ? atoi(entry->d_name) : 0;

		found = pid && pid != getpid() && pid != getppid() && is_process(entry->d_name);
	}
	if (proc)
		closedir(proc);
	return found;
}

static bool links_exist(void)
{
	uint32_t id;

	return bpf_sys_next_link(0, &id) != -ENOENT;
}

static int write_switch(const char *value)
{
	_cleanup_close_ int fd = open(FTRACE_SWITCH, O_WRONLY | O_CLOEXEC);

	return fd >= 0 && write(fd, value, strlen(value)) == (ssize_t)strlen(value) ? 0 : -errno;
}

static bool is_on(void)
{
	_cleanup_close_ int fd = open(FTRACE_SWITCH, O_RDONLY | O_CLOEXEC);
	char value;

	return fd >= 0 && read(fd, &value, 1) == 1 && value == '1';
}

bool ftrace_pause(void)
{
	const char *why = !is_initial_namespace() ? "this is not the first PID namespace" :
			  others_run()            ? "other processes run" :
			  links_exist()           ? "other BPF programs are attached" :
						    NULL;
	int r = why ? 0 : write_switch("0\n");

	if (r)
		why = strerror(-r);
	if (why)
		log_debug("ftrace stays on while the programs are attached: %s", why);
	else
		log_debug("ftrace is paused while the programs are attached");
	return !why;
}

int ftrace_resume(void)
{
	int r = is_on() ? 0 : write_switch("1\n");

	if (!r && !is_on())
		r = -EIO;
	if (r)
		log_error("ftrace can't be switched on (%s): %s", FTRACE_SWITCH, strerror(-r));
	return r;
}
