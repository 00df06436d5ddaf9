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

/* Where the child has its descriptors: the two of the handshake, and the pipe on which it reports a failed exec. */
enum { SERVER_FD = 3, READY_FD = 4, ERROR_FD = 5 };

struct child_ends {
	int server; /* a socket */
	int ready;
	int error;
};

/* First above the targets, then down: a source may have the number of another's target. */
static bool place_descriptors(struct child_ends *ends)
{
	int server = fcntl(ends->server, F_DUPFD_CLOEXEC, ERROR_FD + 1);
	int ready = fcntl(ends->ready, F_DUPFD_CLOEXEC, ERROR_FD + 1);
	int error = fcntl(ends->error, F_DUPFD_CLOEXEC, ERROR_FD + 1);

	if (server < 0 || ready < 0 || error < 0 || dup3(error, ERROR_FD, O_CLOEXEC) < 0)
		return false;
	ends->error = ERROR_FD;
	return dup2(server, SERVER_FD) >= 0 && dup2(ready, READY_FD) >= 0 && close_range(ERROR_FD + 1, ~0U, 0) == 0;
}

/*
 * The client's handlers must not run here, and what it ignores or blocks must not reach the manager: one that has SIGCHLD
 * ignored can't learn how a VMM ended.  The signals of a terminal and of its hang-up stay ignored, as for nohup(1).
 */
static bool reset_signals(void)
{
	sigset_t none;

	for (int number = 1; number < NSIG; number++) {
		bool kept = number == SIGHUP || number == SIGINT || number == SIGQUIT;
		struct sigaction action;

		if (kept && sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN)
			continue;
		action = (struct sigaction){ .sa_handler = SIG_DFL };
		sigaction(number, &action, NULL); /* fails for SIGKILL, SIGSTOP and libc's own */
	}
	sigemptyset(&none);
	return sigprocmask(SIG_SETMASK, &none, NULL) == 0;
}

/* Only async-signal-safe calls: the client may have threads. */
static void __attribute__((noreturn)) run_child(const char *path, struct child_ends ends)
{
	char *const argv[] = { (char *)path, "--rpc-server-fd", "3", "--ready-fd", "4", NULL };
	int error;

	if (reset_signals() && place_descriptors(&ends))
		execv(path, argv);
	error = errno;
	while (write(ends.error, &error, sizeof(error)) < 0 && errno == EINTR)
		;
	_exit(127);
}

static pid_t fork_child(const char *path, struct child_ends ends)
{
	sigset_t all, old;
	pid_t pid;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	pid = fork();
	if (pid == 0)
		run_child(path, ends);
	error = errno;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	errno = error;
	return pid;
}

/* The parent's side of a start. */
struct start {
	int error; /* gets an errno when the exec fails */
	int ready; /* gets the byte 'o' when the manager is ready */
	int pidfd;
};

/* 0: nothing failed so far; or the negative errno that the child reported. */
static int read_error(const struct start *start)
{
	int error;

	return read(start->error, &error, sizeof(error)) == sizeof(error) ? -error : 0;
}

/* 1: nothing is known yet; 0: the manager is ready; or a negative errno. */
static int read_outcome(const struct start *start)
{
	int r = read_error(start);
	char byte;
	ssize_t n;

	if (r < 0)
		return r;
	n = read(start->ready, &byte, 1);
	if (n == 1)
		return byte == 'o' ? 0 : -ECONNREFUSED;
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 1 : -errno;
	/* The pipe was closed: if by a failed exec, the reason was written before. */
	r = read_error(start);
	return r < 0 ? r : -ECONNREFUSED;
}

/* The end of the pipes is no condition to wait for: a process that another thread forks has copies of their other ends. */
static int wait_until_ready(const struct start *start)
{
	struct pollfd fds[] = { { .fd = start->error, .events = POLLIN },
				{ .fd = start->ready, .events = POLLIN },
				{ .fd = start->pidfd, .events = POLLIN } };
	int r;

	while ((r = read_outcome(start)) > 0) {
		if (fds[0].revents & POLLHUP)
			fds[0].fd = -1; /* the exec succeeded */
		if (poll(fds, 3, -1) < 0 && errno != EINTR)
			return -errno;
		if (fds[2].revents) {
			r = read_outcome(start);
			return r > 0 ? -ECONNREFUSED : r;
		}
	}
	return r;
}

/* Ends the process, unless it has ended by itself, and gets how it ended. */
static void collect(const struct start *start, siginfo_t *ret_end)
{
	memset(ret_end, 0, sizeof(*ret_end));
	pidfd_send_signal(start->pidfd, SIGKILL, NULL, 0);
	while (waitid(P_PIDFD, (id_t)start->pidfd, ret_end, WEXITED) < 0 && errno == EINTR)
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
	_cleanup_close_ int own = -1, server = -1, ready_read = -1, ready_write = -1, error_read = -1, error_write = -1,
			    pidfd = -1;
	int sockets[2], r;
	struct start start;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) < 0)
		return -errno;
	own = sockets[0], server = sockets[1];
	r = move_above_standard(&own);
	if (r == 0)
		r = open_pipe(&ready_read, &ready_write);
	if (r == 0)
		r = open_pipe(&error_read, &error_write);
	if (r < 0)
		return r;
	pid = fork_child(path, (struct child_ends){ server, ready_write, error_write });
	if (pid < 0)
		return -errno;
	server = close_fd(server);
	ready_write = close_fd(ready_write);
	error_write = close_fd(error_write);
	pidfd = pidfd_open(pid, 0); /* close-on-exec by itself */
	if (pidfd < 0) {
		r = -errno;
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		return r;
	}
	r = move_above_standard(&pidfd);
	start = (struct start){ error_read, ready_read, pidfd };
	if (r == 0)
		r = wait_until_ready(&start);
	if (r < 0) {
		collect(&start, ret_end);
		return r;
	}
	*ret_connection = steal_fd(&own);
	*ret_pid = pid;
	*ret_pidfd = steal_fd(&pidfd);
	return 0;
}
