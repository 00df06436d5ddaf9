/* SPDX-License-Identifier: Apache-2.0 */
#include "libavf/manager_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/pidfd.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/spawn.h"

/*
 * What the client ignores or blocks must not reach the manager: one that has SIGCHLD ignored can't learn how a VMM ended.  The
 * signals of a terminal and of its hang-up stay ignored, as for nohup(1).
 */
static int reset_signals(const void *data)
{
	sigset_t none;

	(void)data;
	for (int number = 1; number < NSIG; number++) {
		bool kept = number == SIGHUP || number == SIGINT || number == SIGQUIT;
		struct sigaction action;

		if (kept && sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN)
			continue;
		action = (struct sigaction){ .sa_handler = SIG_DFL };
		sigaction(number, &action, NULL); /* fails for SIGKILL, SIGSTOP and libc's own */
	}
	sigemptyset(&none);
	return sigprocmask(SIG_SETMASK, &none, NULL) < 0 ? -errno : 0;
}

/* 1: nothing is known yet; 0: the manager is ready; or a negative errno. */
static int read_outcome(const struct spawned *manager, int ready)
{
	int r = spawn_error(manager->error_fd);
	char byte;
	ssize_t n;

	if (r < 0)
		return r;
	n = read(ready, &byte, 1);
	if (n == 1)
		return byte == 'o' ? 0 : -ECONNREFUSED;
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 1 : -errno;
	/* The pipe was closed: if by a failed exec, the reason was written before. */
	r = spawn_error(manager->error_fd);
	return r < 0 ? r : -ECONNREFUSED;
}

/* The end of the pipes is no condition to wait for: a process that another thread forks has copies of their other ends. */
static int wait_until_ready(const struct spawned *manager, int ready)
{
	struct pollfd fds[] = { { .fd = manager->error_fd, .events = POLLIN },
				{ .fd = ready, .events = POLLIN },
				{ .fd = manager->pidfd, .events = POLLIN } };
	int r;

	while ((r = read_outcome(manager, ready)) > 0) {
		if (fds[0].revents & POLLHUP)
			fds[0].fd = -1; /* the exec succeeded */
		if (poll(fds, 3, -1) < 0 && errno != EINTR)
			return -errno;
		if (fds[2].revents) {
			r = read_outcome(manager, ready);
			return r > 0 ? -ECONNREFUSED : r;
		}
	}
	return r;
}

/* Ends the process, unless it has ended by itself, and gets how it ended. */
static void collect(int pidfd, siginfo_t *ret_end)
{
	memset(ret_end, 0, sizeof(*ret_end));
	pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
	while (waitid(P_PIDFD, (id_t)pidfd, ret_end, WEXITED) < 0 && errno == EINTR)
		;
}

/* Numbers up to 2 would be written to, as standard output or error, by a client that has closed those. */
static int move_above_standard(int *fd)
{
	int moved;

	if (*fd > STDERR_FILENO)
		return 0;
	moved = fcntl(*fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (moved < 0)
		return -errno;
	close_fd(*fd);
	*fd = moved;
	return 0;
}

static int open_pipe(int *ret_read, int *ret_write)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	*ret_read = ends[0];
	*ret_write = ends[1];
	return fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

int manager_start(const char *path, int *ret_connection, pid_t *ret_pid, int *ret_pidfd, siginfo_t *ret_end)
{
	_cleanup_close_ int own = -1, server = -1, ready_read = -1, ready_write = -1;
	char *const argv[] = { (char *)path, "--rpc-server-fd", "3", "--ready-fd", "4", NULL };
	struct spawned manager;
	int sockets[2], r;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) < 0)
		return -errno;
	own = sockets[0], server = sockets[1];
	r = move_above_standard(&own);
	if (r == 0)
		r = open_pipe(&ready_read, &ready_write);
	if (r == 0)
		r = spawn_begin(&(struct spawn){ .path = path,
						 .argv = argv,
						 .environment = environ,
						 .fds = (int[]){ server, ready_write },
						 .fd_count = 2,
						 .prepare = reset_signals },
				&manager);
	if (r < 0)
		return r;
	server = close_fd(server);
	ready_write = close_fd(ready_write);
	r = move_above_standard(&manager.pidfd);
	if (r == 0)
		r = wait_until_ready(&manager, ready_read);
	close_fd(manager.error_fd);
	if (r < 0) {
		collect(manager.pidfd, ret_end);
		close_fd(manager.pidfd);
		return r;
	}
	*ret_connection = steal_fd(&own);
	*ret_pid = manager.pid;
	*ret_pidfd = manager.pidfd;
	return 0;
}
