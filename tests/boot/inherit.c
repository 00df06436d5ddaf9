/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inherit [--pid1 KMSG CMDLINE] STDIN STDOUT STDERR SIGCHLD SIGPIPE OTHERS COMMAND...
 *
 * Runs COMMAND with standard streams and signals as a careless parent leaves them, and ends with its exit status: 128 and the
 * number of the signal that ended it, 200 where it did not end (it is killed then), 201 where it could not be run.
 *
 * A stream is "closed", "full" (a pipe that takes nothing more; as input: one that never gets anything), "dead" (a pipe
 * without another end), "devfull" (/dev/full), "tty" (a terminal that takes nothing more), or "kept".  A signal, or all
 * others but those two, is "default", "ignored" or "blocked".  With --pid1, COMMAND is PID 1 of a PID namespace, and has
 * the file KMSG as /dev/kmsg and CMDLINE as /proc/cmdline.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOT_ENDED = 200, NOT_RUN = 201, LIMIT_MS = 300000 };

static void fail(const char *what)
{
	fprintf(stderr, "inherit: %s: %s\n", what, strerror(errno));
	exit(NOT_RUN);
}

/* The other ends are kept open by this process, and inherited by nobody. */
static void fill(int fd)
{
	static const char bytes[4096];
	int flags = fcntl(fd, F_GETFL);

	fcntl(fd, F_SETFL, flags | O_NONBLOCK);
	for (size_t size = sizeof(bytes); size; size /= 2)
		while (write(fd, bytes, size) > 0)
			;
	fcntl(fd, F_SETFL, flags);
}

static int open_pipe(int stream, int dead)
{
	int fds[2], own = stream == STDIN_FILENO ? 0 : 1;

	if (pipe2(fds, O_CLOEXEC))
		fail("pipe");
	if (stream != STDIN_FILENO && !dead)
		fill(fds[1]);
	if (dead)
		close(fds[!own]);
	return fds[own];
}

static int open_terminal(void)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), slave;

	if (master < 0 || grantpt(master) || unlockpt(master))
		fail("a terminal");
	slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0)
		fail("a terminal");
	/* What was written moves on from one buffer to the next for a while. */
	for (int i = 0; i < 50; i++) {
		fill(slave);
		usleep(20000);
	}
	return slave;
}

/* A descriptor above the standard ones; -1: closed, the stream's own number: kept. */
static int open_stream(int stream, const char *kind)
{
	int fd = -1;

	if (!strcmp(kind, "kept"))
		return stream;
	if (!strcmp(kind, "closed"))
		return -1;
	if (!strcmp(kind, "full"))
		fd = open_pipe(stream, 0);
	else if (!strcmp(kind, "dead"))
		fd = open_pipe(stream, 1);
	else if (!strcmp(kind, "devfull"))
		fd = open("/dev/full", O_RDWR | O_CLOEXEC);
	else if (!strcmp(kind, "tty"))
		fd = open_terminal();
	if (fd < 0)
		fail(kind);
	return fd;
}

static void place_streams(const int streams[3])
{
	for (int i = 0; i < 3; i++)
		if (streams[i] < 0)
			close(i);
		else if (streams[i] != i)
			dup2(streams[i], i);
}

static void set_signal(int number, const char *how, sigset_t *blocked)
{
	if (!strcmp(how, "blocked"))
		sigaddset(blocked, number);
	signal(number, !strcmp(how, "ignored") ? SIG_IGN : SIG_DFL);
}

static void set_signals(char **how)
{
	sigset_t blocked;

	sigemptyset(&blocked);
	for (int number = 1; number < NSIG; number++)
		set_signal(number, number == SIGCHLD ? how[0] : number == SIGPIPE ? how[1] : how[2], &blocked);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
}

/* What a PID 1 would find. */
static void prepare_namespace(const char *kmsg, const char *cmdline)
{
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) || mount("proc", "/proc", "proc", 0, NULL) ||
	    mount(kmsg, "/dev/kmsg", NULL, MS_BIND, NULL) || mount(cmdline, "/proc/cmdline", NULL, MS_BIND, NULL))
		fail("mount");
}

static int wait_for(pid_t pid)
{
	struct pollfd end = { .fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN };
	int status;

	if (poll(&end, 1, LIMIT_MS) != 1) {
		kill(pid, SIGKILL);
		return NOT_ENDED;
	}
	if (waitpid(pid, &status, 0) != pid)
		fail("waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
	int pid1 = argc > 4 && !strcmp(argv[1], "--pid1"), streams[3];
	char **word = argv + (pid1 ? 4 : 1);
	pid_t pid;

	if (argc - (word - argv) < 7) {
		fputs("usage: inherit [--pid1 KMSG CMDLINE] STDIN STDOUT STDERR SIGCHLD SIGPIPE OTHERS COMMAND...\n",
		      stderr);
		return NOT_RUN;
	}
	for (int i = 0; i < 3; i++)
		streams[i] = open_stream(i, word[i]);
	if (pid1 && unshare(CLONE_NEWPID | CLONE_NEWNS))
		fail("unshare");
	pid = fork();
	if (pid < 0)
		fail("fork");
	if (pid == 0) {
		if (pid1)
			prepare_namespace(argv[2], argv[3]);
		set_signals(word + 3);
		place_streams(streams);
		execvp(word[6], word + 6);
		_exit(NOT_RUN);
	}
	return wait_for(pid);
}
