/* SPDX-License-Identifier: Apache-2.0 */
#include "common/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/cleanup.h"

/*
 * Two steps, because a target number may be the source of another one: first all go above the targets, then down.  The pipe follows
 * the last target.
 */
static int place_descriptors(const struct spawn *spawn, int *error_fd)
{
	int moved[SPAWN_MAX_FDS], last = SPAWN_FIRST_FD + (int)spawn->fd_count, error;

	error = fcntl(*error_fd, F_DUPFD_CLOEXEC, last + 1);
	if (error < 0)
		return -errno;
	*error_fd = error;
	for (size_t i = 0; i < spawn->fd_count; i++) {
		moved[i] = fcntl(spawn->fds[i], F_DUPFD_CLOEXEC, last + 1);
		if (moved[i] < 0)
			return -errno;
	}
	for (size_t i = 0; i < spawn->fd_count; i++)
		if (dup2(moved[i], SPAWN_FIRST_FD + (int)i) < 0)
			return -errno;
	if (dup3(error, last, O_CLOEXEC) < 0)
		return -errno;
	*error_fd = last;
	return close_range((unsigned int)last + 1, ~0U, 0) < 0 ? -errno : 0;
}

/* May run in the parent's memory (vfork): it changes nothing there. */
static _Noreturn __attribute__((noinline)) void run_child(const struct spawn *spawn, int error_fd)
{
	int error, r = place_descriptors(spawn, &error_fd);

	if (r == 0)
		r = spawn->prepare(spawn->data);
	if (r == 0)
		execve(spawn->path, spawn->argv, spawn->environment);
	error = r < 0 ? -r : errno;
	while (write(error_fd, &error, sizeof(error)) < 0 && errno == EINTR)
		;
	_exit(127);
}

/* No handler of the parent's runs in the child. */
static pid_t fork_blocked(const struct spawn *spawn, int error_fd)
{
	sigset_t all, old;
	pid_t pid;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	pid = spawn->share_memory ? vfork() : fork();
	if (pid == 0)
		run_child(spawn, error_fd);
	error = errno;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	errno = error;
	return pid;
}

/* Without a pidfd: the number is the child's until that is reaped, unless the parent ignores SIGCHLD. */
static void end_child(pid_t child)
{
	siginfo_t info;

	if (waitid(P_PID, (id_t)child, &info, WEXITED | WNOHANG | WNOWAIT) < 0)
		return;
	kill(child, SIGKILL);
	while (waitid(P_PID, (id_t)child, &info, WEXITED) < 0 && errno == EINTR)
		;
}

int spawn_begin(const struct spawn *spawn, struct spawned *ret)
{
	_cleanup_close_ int read_end = -1, write_end = -1;
	int ends[2], pidfd, r;
	pid_t pid;

	if (spawn->fd_count > SPAWN_MAX_FDS)
		return -E2BIG;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	read_end = ends[0];
	write_end = ends[1];
	if (fcntl(read_end, F_SETFL, O_NONBLOCK) < 0)
		return -errno;
	pid = fork_blocked(spawn, write_end);
	if (pid < 0)
		return -errno;
	pidfd = pidfd_open(pid, 0); /* close-on-exec by itself */
	if (pidfd < 0) {
		r = -errno;
		end_child(pid);
		return r;
	}
	*ret = (struct spawned){ pid, pidfd, steal_fd(&read_end) };
	return 0;
}

int spawn_error(int error_fd)
{
	int error;
	ssize_t n;

	do
		n = read(error_fd, &error, sizeof(error));
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? 0 : -errno;
	return n == sizeof(error) ? -error : 0;
}

int spawn_wait(int error_fd)
{
	struct pollfd outcome = { .fd = error_fd, .events = POLLIN };

	while (poll(&outcome, 1, -1) < 0)
		if (errno != EINTR)
			return -errno;
	return spawn_error(error_fd);
}
