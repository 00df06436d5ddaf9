/* SPDX-License-Identifier: Apache-2.0 */
/* Steps that change what the process is: user, namespaces, no_new_privs, environment. */
#include "actor.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "common/cleanup.h"

static int become_user(char *argument)
{
	uid_t uid = (uid_t)atoi(argument);

	if (setgroups(0, NULL) || setresgid(uid, uid, uid) || setresuid(uid, uid, uid))
		return -errno;
	/* A change of user takes the process's own /proc files away from it. */
	return prctl(PR_SET_DUMPABLE, 1) ? -errno : 0;
}

static int put(const char *path, const char *text)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	return write(fd, text, strlen(text)) < 0 ? -errno : 0;
}

/* In which the caller is root. */
static int user_namespace(char *argument)
{
	char users[32], groups[32];
	int r;

	(void)argument;
	snprintf(users, sizeof(users), "0 %u 1", geteuid());
	snprintf(groups, sizeof(groups), "0 %u 1", getegid());
	if (unshare(CLONE_NEWUSER))
		return -errno;
	r = put("/proc/self/setgroups", "deny");
	if (!r)
		r = put("/proc/self/uid_map", users);
	return r ? r : put("/proc/self/gid_map", groups);
}

static int mount_namespace(char *argument)
{
	(void)argument;
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return -errno;
	return 0;
}

/* The mount namespace of the process that stands beside. */
static int join_mounts(char *argument)
{
	_cleanup_close_ int fd = -1;
	char path[64];

	(void)argument;
	snprintf(path, sizeof(path), "/proc/%d/ns/mnt", beside_pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 || setns(fd, CLONE_NEWNS) ? -errno : 0;
}

/* A network namespace in which CIDs and vsock ports are its own (7.0); on older kernels a plain one. */
static int vsock_namespace(char *argument)
{
	_cleanup_close_ int mode = open("/proc/sys/net/vsock/child_ns_mode", O_WRONLY | O_CLOEXEC);

	(void)argument;
	if (mode >= 0 && write(mode, "local", 5) != 5)
		return -errno;
	return unshare(CLONE_NEWNET) ? -errno : 0;
}

static int no_new_privs(char *argument)
{
	(void)argument;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ? -errno : 0;
}

static int environment(char *assignment)
{
	char *value = strchr(assignment, '=');

	if (!value)
		return -EINVAL;
	*value++ = '\0';
	return setenv(assignment, value, 1) ? -errno : 0;
}

/* The signal that comes when the parent dies; never sent here, only looked for (check.c). */
static int parent_death_signal(char *argument)
{
	(void)argument;
	return prctl(PR_SET_PDEATHSIG, SIGTERM) ? -errno : 0;
}

/* clang-format off */
const struct step identity_steps[] = {
	{ "uid", become_user },
	{ "user-ns", user_namespace },
	{ "mount-ns", mount_namespace },
	{ "vsock-ns", vsock_namespace },
	{ "join-mounts", join_mounts },
	{ "no-new-privs", no_new_privs },
	{ "env", environment },
	{ "pdeathsig", parent_death_signal },
	{},
};
/* clang-format on */
