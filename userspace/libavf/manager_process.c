/* SPDX-License-Identifier: Apache-2.0 */
#include "libavf/manager_process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/cleanup.h"

/* Where the child has its descriptors: the two of the handshake, and the pipe that a successful exec closes. */
enum { SERVER_FD = 3, READY_FD = 4, ERROR_FD = 5 };

struct ends {
	int server; /* SOCKET */
	int ready;
	int error;
};

/* First above the targets, then down: a source may have the number of another's target. */
static bool place_descriptors(struct ends *ends)
{
	int server = fcntl(ends->server, F_DUPFD_CLOEXEC, ERROR_FD + 1);
	int ready = fcntl(ends->ready, F_DUPFD_CLOEXEC, ERROR_FD + 1);
	int error = fcntl(ends->error, F_DUPFD_CLOEXEC, ERROR_FD + 1);

	if (server < 0 || ready < 0 || error < 0 || dup3(error, ERROR_FD, O_CLOEXEC) < 0)
		return false;
	ends->error = ERROR_FD;
	return dup2(server, SERVER_FD) >= 0 && dup2(ready, READY_FD) >= 0 && close_range(ERROR_FD + 1, ~0U, 0) == 0;
}

/* Only async-signal-safe calls: the client may have threads. */
static void __attribute__((noreturn)) run_child(const char *path, struct ends ends)
{
	char *const argv[] = { (char *)path, "--rpc-server-fd", "3", "--ready-fd", "4", NULL };
	int error;

	if (place_descriptors(&ends))
		execv(path, argv);
	error = errno;
	while (write(ends.error, &error, sizeof(error)) < 0 && errno == EINTR)
		;
	_exit(127);
}

/* Reads SIZE bytes; returns how many came before the end, or a negative errno. */
static ssize_t read_to_end(int fd, void *buffer, size_t size)
{
	ssize_t n;

	do
		n = read(fd, buffer, size);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

/* Returns 0, the errno of a failed exec or read, or -ECONNREFUSED when the ready byte did not come. */
static int wait_until_ready(int error_pipe, int ready_pipe)
{
	char byte;
	int error;
	ssize_t n = read_to_end(error_pipe, &error, sizeof(error));

	if (n != 0)
		return n == sizeof(error) ? -error : n < 0 ? (int)n : -EIO;
	n = read_to_end(ready_pipe, &byte, 1);
	if (n < 0)
		return (int)n;
	return n == 1 && byte == 'o' ? 0 : -ECONNREFUSED;
}

static void collect(pid_t pid)
{
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

int manager_start(const char *path, int *ret_connection, pid_t *ret_pid)
{
	int sockets[2], ready[2], error[2], r;
	_cleanup_close_ int own = -1, server = -1, ready_read = -1, ready_write = -1, error_read = -1, error_write = -1;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) < 0)
		return -errno;
	own = sockets[0], server = sockets[1];
	if (pipe2(ready, O_CLOEXEC) < 0)
		return -errno;
	ready_read = ready[0], ready_write = ready[1];
	if (pipe2(error, O_CLOEXEC) < 0)
		return -errno;
	error_read = error[0], error_write = error[1];
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0)
		run_child(path, (struct ends){ server, ready_write, error_write });
	/* Or the end of the pipes would never come. */
	server = close_fd(server);
	ready_write = close_fd(ready_write);
	error_write = close_fd(error_write);
	r = wait_until_ready(error_read, ready_read);
	if (r < 0) {
		kill(pid, SIGKILL);
		collect(pid);
		return r;
	}
	*ret_connection = steal_fd(&own);
	*ret_pid = pid;
	return 0;
}
