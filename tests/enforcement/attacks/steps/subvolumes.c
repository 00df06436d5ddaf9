/* SPDX-License-Identifier: Apache-2.0 */
/* Steps that remove a subvolume of a btrfs: DIRECTORY:NAME. */
#include <errno.h>
#include <fcntl.h>
#include <linux/btrfs.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "actor/actor.h"

static int open_directory(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		untried(path, errno);
	return fd;
}

static int delete(char *directory)
{
	struct btrfs_ioctl_vol_args arguments = {};
	char *name = second(directory);
	int fd = open_directory(directory);

	snprintf(arguments.name, sizeof(arguments.name), "%s", name);
	return ioctl(fd, BTRFS_IOC_SNAP_DESTROY, &arguments) ? -errno : 0;
}

static int delete_by_newer_call(char *directory)
{
	struct btrfs_ioctl_vol_args_v2 arguments = {};
	char *name = second(directory);
	int fd = open_directory(directory);

	snprintf(arguments.name, sizeof(arguments.name), "%s", name);
	return ioctl(fd, BTRFS_IOC_SNAP_DESTROY_V2, &arguments) ? -errno : 0;
}

#ifdef __x86_64__
/* The argument must lie below 4 GiB. */
static int delete_by_32_bit_call(char *directory)
{
	struct btrfs_ioctl_vol_args *arguments =
		mmap(NULL, sizeof(*arguments), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	char *name = second(directory);
	long fd = open_directory(directory), r;

	if (arguments == MAP_FAILED)
		untried("mmap", errno);
	snprintf(arguments->name, sizeof(arguments->name), "%s", name);
	asm volatile("int $0x80"
		     : "=a"(r)
		     : "a"(54L), "b"(fd), "c"((long)(uint32_t)BTRFS_IOC_SNAP_DESTROY), "d"(arguments)
		     : "memory");
	return (int)r;
}
#else
static int delete_by_32_bit_call(char *directory)
{
	untried(directory, ENOSYS);
}
#endif

const struct step subvolume_steps[] = {
	{ "subvolume-delete", delete },
	{ "subvolume-delete-new", delete_by_newer_call },
	{ "subvolume-delete-32", delete_by_32_bit_call },
	{},
};
