/* SPDX-License-Identifier: Apache-2.0 */
/* Steps that open a device, each in another way, and KVM_CREATE_VM. */
#include "actor.h"
#include "kvm.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int set_current(int fd)
{
	if (fd < 0)
		return -errno;
	if (fd == FD_CURRENT)
		return 0;
	if (dup2(fd, FD_CURRENT) < 0)
		return -errno;
	close(fd);
	return 0;
}

static int do_open(char *path)
{
	return set_current(open(path, O_RDWR));
}

static int open_read(char *path)
{
	return set_current(open(path, O_RDONLY));
}

/* Refers to the file without opening it: no driver and no policy is asked. */
static int open_path(char *path)
{
	return set_current(open(path, O_PATH));
}

static int open_beneath(char *path)
{
	struct open_how how = { .flags = O_RDWR, .resolve = RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS };

	return set_current((int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how)));
}

/* By what a file server knows of a file, without any path. */
static int by_handle(char *path)
{
	char room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	struct file_handle *handle = (struct file_handle *)room;
	int mount_id, mount_fd = open("/dev", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	handle->handle_bytes = MAX_HANDLE_SZ;
	if (mount_fd < 0 || name_to_handle_at(AT_FDCWD, path, handle, &mount_id, 0))
		untried("asking for a file handle", errno);
	return set_current(open_by_handle_at(mount_fd, handle, O_RDWR));
}

static int reopen_of(const char *process)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%s/fd/%d", process, FD_CURRENT);
	return set_current(open(path, O_RDWR));
}

static int reopen(char *argument)
{
	(void)argument;
	return reopen_of("self");
}

/* The descriptor of the process that stands beside. */
static int reopen_beside(char *argument)
{
	char pid[16];

	(void)argument;
	snprintf(pid, sizeof(pid), "%d", beside_pid);
	return reopen_of(pid);
}

static int create_vm(char *argument)
{
	(void)argument;
	return ioctl(FD_CURRENT, KVM_CREATE_VM, 0) < 0 ? -errno : 0;
}

const struct step device_steps[] = {
	{ "open", do_open },
	{ "open-read", open_read },
	{ "open-path", open_path },
	{ "openat2", open_beneath },
	{ "by-handle", by_handle },
	{ "reopen", reopen },
	{ "reopen-beside", reopen_beside },
	{ "create-vm", create_vm },
	{},
};
