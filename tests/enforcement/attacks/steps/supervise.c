/* SPDX-License-Identifier: Apache-2.0 */
/*
 * supervised: from now on another process answers for the kernel when this one opens a file (seccomp_unotify(2)), through
 * every exec.  The first file that is opened becomes the attacker's library; all others are what they are.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "actor/actor.h"

/* Asks the supervisor about each openat(2).  Its listener, or a negative errno. */
static int install(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };
	int fd;

	if (geteuid() && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	fd = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
	return fd < 0 ? -errno : fd;
}

static bool answer_with(int listener, const struct seccomp_notif *question, int file)
{
	struct seccomp_notif_addfd give = { .id = question->id,
					    .flags = SECCOMP_ADDFD_FLAG_SEND,
					    .srcfd = (uint32_t)file };

	return ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &give) >= 0;
}

static bool let_pass(int listener, const struct seccomp_notif *question)
{
	struct seccomp_notif_resp pass = { .id = question->id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE };

	return ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &pass) == 0;
}

/* The prober ends it. */
static void supervise(int listener)
{
	int library = open("/enf/intruder.so", O_RDONLY | O_CLOEXEC);

	for (bool first = true;; first = false) {
		struct seccomp_notif question = {};

		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &question))
			return;
		if (!(first ? answer_with(listener, &question, library) : let_pass(listener, &question)))
			untried("supervising", errno);
	}
}

static int supervised(char *argument)
{
	int way[2], listener;
	pid_t pid;

	(void)argument;
	if (pipe(way))
		return -errno;
	/* A fork, but that the listener will be there too. */
	pid = (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);
	if (pid < 0)
		return -errno;
	if (pid == 0) {
		if (read(way[0], &listener, sizeof(listener)) == sizeof(listener))
			supervise(listener);
		_exit(0);
	}
	listener = install();
	if (listener < 0)
		return listener;
	return write(way[1], &listener, sizeof(listener)) == sizeof(listener) ? 0 : -errno;
}

const struct step supervise_steps[] = {
	{ "supervised", supervised },
	{},
};
