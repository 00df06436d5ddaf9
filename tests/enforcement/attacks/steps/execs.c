/* SPDX-License-Identifier: Apache-2.0 */
/* Steps that execute what looks like a listed file, or stand beside one that does. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actor/actor.h"

static int copy_into(int to, const char *path)
{
	int from = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (from < 0 || fstat(from, &st))
		return -errno;
	for (off_t left = st.st_size; left > 0;) {
		ssize_t n = sendfile(to, from, NULL, (size_t)left);

		if (n <= 0)
			return -EIO;
		left -= n;
	}
	close(from);
	return 0;
}

/* A copy of FILE without a name in a directory, executed. */
static int unnamed_exec(char *path)
{
	char name[64], *const argv[] = { path, (char *)"open:/dev/kvm", NULL };
	int to = open("/tmp", O_TMPFILE | O_RDWR, 0755), reader, r = to < 0 ? -errno : copy_into(to, path);

	if (r)
		return r;
	snprintf(name, sizeof(name), "/proc/self/fd/%d", to);
	reader = open(name, O_RDONLY);
	close(to);
	fexecve(reader, argv, environ);
	return -errno;
}

/* Executes FILE by a descriptor after its name was taken away. */
static int deleted_exec(char *path)
{
	char *const argv[] = { path, (char *)"open:/dev/kvm", NULL };
	int fd = open(path, O_RDONLY);

	if (fd < 0 || unlink(path))
		return -errno;
	fexecve(fd, argv, environ);
	return -errno;
}

enum { MAX_FILES = 4000 };

/* Makes files beside PATH until one has the inode INO, and renames that one to PATH. */
static int take_inode(const char *path, ino_t ino)
{
	char name[64];

	for (int i = 0; i < MAX_FILES; i++) {
		struct stat st;
		int fd, r;

		snprintf(name, sizeof(name), "/system/bin/reuse.%d", i);
		fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
		if (fd < 0 || fstat(fd, &st))
			return -errno;
		r = st.st_ino == ino ? copy_into(fd, "/enf/actor") : 0;
		close(fd);
		if (st.st_ino == ino)
			return r ? r : rename(name, path);
	}
	untried("getting the inode again", ENOENT);
}

/* reuse-inode:PATH: a file of the attacker's with the number of the listed one, executed; it opens /dev/kvm. */
static int reuse_inode(char *path)
{
	struct stat st;
	int r;

	if (stat(path, &st) || unlink(path))
		return -errno;
	r = take_inode(path, st.st_ino);
	(void)!system("rm -f /system/bin/reuse.*");
	return r ? r : execute(path, (char *[]){ (char *)"open:/dev/kvm", NULL });
}

static char *beside_path;

static int execute_beside(void *data)
{
	execute(beside_path, (char *[]){ (char *)"open:/dev/vhost-vsock", (char *)"stay", NULL });
	_exit(data ? 0 : 127);
}

/*
 * vfork-beside:PATH: a child that shares memory and descriptors with this process until it executes PATH, opens the
 * device there and stays; this process goes on then.
 */
static int vfork_beside(char *path)
{
	static char stack[1 << 16] __attribute__((aligned(16)));
	int ready[2];
	char byte;

	beside_path = path;
	if (pipe(ready) || dup2(ready[1], FD_READY) < 0)
		return -errno;
	beside_pid = clone(execute_beside, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | CLONE_FILES | SIGCHLD, NULL);
	if (beside_pid < 0)
		return -errno;
	close(ready[1]);
	close(FD_READY);
	return read(ready[0], &byte, 1) == 1 ? 0 : -EPIPE;
}

const struct step exec_steps[] = {
	{ "unnamed-exec", unnamed_exec },
	{ "deleted-exec", deleted_exec },
	{ "reuse-inode", reuse_inode },
	{ "vfork-beside", vfork_beside },
	{},
};
