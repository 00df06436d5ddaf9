/* SPDX-License-Identifier: Apache-2.0 */
/*
 * put:WAY:PATH: every way to write to a file.  Each opens the file as it needs it, so where the opening is refused, that is
 * the answer; the ways that need no descriptor for writing are asked on their own.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/quota.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "actor/actor.h"
#include "common/cleanup.h"

#include "../../../change_time.h"

static int result(long r)
{
	return r < 0 ? -errno : 0;
}

static int by_write(int fd, const char *path)
{
	(void)path;
	return result(pwrite(fd, "x", 1, 4096));
}

static int by_opening(int fd, const char *path)
{
	(void)fd;
	(void)path;
	return 0;
}

static int by_truncate(int fd, const char *path)
{
	(void)fd;
	return result(truncate(path, 8192));
}

static int by_ftruncate(int fd, const char *path)
{
	(void)path;
	return result(ftruncate(fd, 8192));
}

static int by_fallocate(int fd, const char *path)
{
	(void)path;
	return result(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 4096, 4096));
}

static int by_memory(int fd, const char *path)
{
	char *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	(void)path;
	if (memory == MAP_FAILED)
		return -errno;
	memory[100] ^= 1;
	return 0;
}

static int by_copy(int fd, const char *path)
{
	_cleanup_close_ int from = open("/enf/actor", O_RDONLY | O_CLOEXEC);
	off_t in = 0, out = 0;

	(void)path;
	return result(copy_file_range(from, &in, fd, &out, 4096, 0));
}

static int by_splice(int fd, const char *path)
{
	int pair[2];

	(void)path;
	if (pipe(pair) || write(pair[1], "x", 1) != 1)
		return -errno;
	return result(splice(pair[0], NULL, fd, NULL, 1, 0));
}

static int by_chmod(int fd, const char *path)
{
	(void)fd;
	return result(chmod(path, 0777));
}

static int by_chown(int fd, const char *path)
{
	(void)fd;
	return result(chown(path, 1000, 1000));
}

static int by_times(int fd, const char *path)
{
	(void)fd;
	return result(utimensat(AT_FDCWD, path, NULL, 0));
}

/* cap_sys_admin and the rest of the first word, effective (include/uapi/linux/capability.h: struct vfs_cap_data). */
static int by_capability(int fd, const char *path)
{
	static const uint32_t data[] = { 0x02000001, 0x00200000, 0, 0, 0 };

	(void)fd;
	return result(setxattr(path, "security.capability", data, sizeof(data), 0));
}

static int by_user_attribute(int fd, const char *path)
{
	(void)fd;
	return result(setxattr(path, "user.x", "x", 1, 0));
}

/* Flags of the inode: no hook is called, but the file's change time changes, so that it is no longer the listed one. */
static int by_flags(int fd, const char *path)
{
	(void)path;
	return toggle_nodump(fd);
}

static const struct way {
	const char *name;
	int flags; /* of the descriptor; -1: none is needed */
	int (*put)(int fd, const char *path);
} ways[] = {
	{ "write", O_WRONLY, by_write },
	{ "read-write", O_RDWR, by_write },
	{ "open-truncate", O_RDONLY | O_TRUNC, by_opening },
	{ "truncate", -1, by_truncate },
	{ "ftruncate", O_WRONLY, by_ftruncate },
	{ "fallocate", O_WRONLY, by_fallocate },
	{ "memory", O_RDWR, by_memory },
	{ "memory-of-reader", O_RDONLY, by_memory },
	{ "copy", O_WRONLY, by_copy },
	{ "splice", O_WRONLY, by_splice },
	{ "chmod", -1, by_chmod },
	{ "chown", -1, by_chown },
	{ "times", -1, by_times },
	{ "capability", -1, by_capability },
	{ "attribute", -1, by_user_attribute },
	{ "flags", O_RDONLY, by_flags },
};

static int put(char *name)
{
	const char *path = second(name);

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		int fd = -1;

		if (strcmp(ways[i].name, name))
			continue;
		if (ways[i].flags >= 0)
			fd = open(path, ways[i].flags | O_CLOEXEC);
		return ways[i].flags >= 0 && fd < 0 ? -errno : ways[i].put(fd, path);
	}
	return -EINVAL;
}

/* forge:PATH: makes the file another one by its identity, by a change that no hook sees, writes to it, and gives it its identity back. */
static int forge(char *path)
{
	_cleanup_close_ int reader = open(path, O_RDONLY | O_CLOEXEC), writer = -1;
	struct stat st;
	int r;

	if (reader < 0 || fstat(reader, &st))
		return -errno;
	r = by_flags(reader, path);
	if (r)
		return r;
	writer = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	if (writer < 0 || write(writer, "x", 1) != 1)
		return -errno;
	cleanup_close(&writer);
	writer = -1;
	return set_change_time(reader, &st.st_ctim);
}

static char command[512];

/* say:FILE:TEXT into an existing file, with nothing of it changed but by the write. */
static int say(char *path)
{
	const char *text = second(path);
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	return result(write(fd, text, strlen(text)));
}

/* run:COMMAND: a command of the shell, with "+" for blanks; EBADMSG: it failed. */
static int run(char *words)
{
	pid_t pid;
	int status;

	snprintf(command, sizeof(command), "%s", words);
	for (char *at = command; (at = strchr(at, '+'));)
		*at = ' ';
	pid = fork();
	if (pid == 0) {
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -errno;
	return status ? -EBADMSG : 0;
}

/* account:FILE: the kernel itself writes to it, at the end of each process. */
static int account(char *path)
{
	int r = result(acct(path));

	if (!r)
		acct(NULL);
	return r;
}

/*
 * quota-on:FILE: the kernel itself writes to it, what quotactl(2) sets.  The old format of quota files has no sign that they are one: any
 * whole number of its records of 40 bytes will do (tests/enforcement/build.mk makes the actor so long).  quota-off ends that.
 */
static char root_device[] = "/dev/nvme0n1";

static int quota_on(char *path)
{
	enum { OLD_FORMAT = 1 };
	static char load_format[] = "modprobe+quota_v1";
	int r;

	run(load_format);
	r = result(mount(NULL, "/", NULL, MS_REMOUNT, "usrquota"));
	return r ? r : result(quotactl((int)QCMD(Q_QUOTAON, USRQUOTA), root_device, OLD_FORMAT, path));
}

static int quota_off(char *unused)
{
	(void)unused;
	return result(quotactl((int)QCMD(Q_QUOTAOFF, USRQUOTA), root_device, 0, NULL));
}

/* quota:FILE: both. */
static int quota(char *path)
{
	int r = quota_on(path);

	return r ? r : quota_off(NULL);
}

/* clang-format off */
const struct step write_steps[] = {
	{ "put", put },
	{ "forge", forge },
	{ "say", say },
	{ "account", account },
	{ "quota", quota },
	{ "quota-on", quota_on },
	{ "quota-off", quota_off },
	{ "run-shell", run },
	{},
};
/* clang-format on */
