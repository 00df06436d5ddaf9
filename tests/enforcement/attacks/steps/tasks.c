/* SPDX-License-Identifier: Apache-2.0 */
/* Steps on the process that stands beside: tracing, its memory, its descriptors, and what /proc shows of it. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "actor/actor.h"
#include "common/cleanup.h"

static int seize(char *argument)
{
	(void)argument;
	return ptrace(PTRACE_SEIZE, beside_pid, NULL, NULL) ? -errno : 0;
}

static int attach(char *argument)
{
	(void)argument;
	return ptrace(PTRACE_ATTACH, beside_pid, NULL, NULL) ? -errno : 0;
}

/* This process asks its parent to trace it. */
static int traceme(char *argument)
{
	(void)argument;
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL) ? -errno : 0;
}

static FILE *proc_file(const char *name, const char *mode)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", beside_pid, name);
	return fopen(path, mode);
}

/* Where memory begins that the other process writes itself. */
static uintptr_t writable_place(void)
{
	_cleanup_fclose_ FILE *maps = proc_file("maps", "re");
	unsigned long begin;
	char line[512], rights[8];

	while (maps && fgets(line, sizeof(line), maps))
		if (sscanf(line, "%lx-%*x %7s", &begin, rights) == 2 && rights[1] == 'w')
			return begin;
	untried("looking for memory to write", ENOENT);
}

/* proc-mem: a byte of its memory, written by /proc/PID/mem as it is. */
static int proc_mem(char *argument)
{
	uintptr_t place = writable_place();
	_cleanup_fclose_ FILE *memory = proc_file("mem", "r+e");
	char byte;

	(void)argument;
	if (!memory)
		return -errno;
	if (pread(fileno(memory), &byte, 1, (off_t)place) != 1 || pwrite(fileno(memory), &byte, 1, (off_t)place) != 1)
		return -errno;
	return 0;
}

static int vm_call(ssize_t (*call)(pid_t, const struct iovec *, unsigned long, const struct iovec *, unsigned long,
				   unsigned long))
{
	char byte = 0;
	struct iovec own = { &byte, 1 }, other = { (void *)writable_place(), 1 };

	return call(beside_pid, &own, 1, &other, 1, 0) == 1 ? 0 : -errno;
}

static int vm_read(char *argument)
{
	(void)argument;
	return vm_call(process_vm_readv);
}

static int vm_write(char *argument)
{
	(void)argument;
	return vm_call(process_vm_writev);
}

/* What monitoring reads. */
static int watch(char *argument)
{
	static const char *const names[] = { "status", "stat", "maps", "cmdline", "limits" };
	char path[64], bytes[64];
	DIR *fds;

	(void)argument;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		_cleanup_fclose_ FILE *file = proc_file(names[i], "re");

		if (!file || fread(bytes, 1, sizeof(bytes), file) == 0)
			return errno ? -errno : -ENODATA;
	}
	snprintf(path, sizeof(path), "/proc/%d/fd", beside_pid);
	fds = opendir(path);
	if (!fds)
		return -errno;
	errno = 0;
	while (readdir(fds))
		;
	closedir(fds);
	return -errno;
}

/* clang-format off */
const struct step task_steps[] = {
	{ "seize", seize },
	{ "attach", attach },
	{ "traceme", traceme },
	{ "proc-mem", proc_mem },
	{ "vm-read", vm_read },
	{ "vm-write", vm_write },
	{ "watch", watch },
	{},
};
/* clang-format on */
