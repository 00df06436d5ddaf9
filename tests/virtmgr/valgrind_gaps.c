/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Linked into the manager that runs under valgrind, in place of some calls: valgrind 3.19 does not know pidfd_open and
 * what goes with it, and close_range up to the highest number.  Where it does, the real ones are used.  What stands in for them is good enough for
 * a manager that has one VM at a time.
 */
#include <errno.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

int __real_pidfd_open(pid_t pid, unsigned int flags);
int __wrap_pidfd_open(pid_t pid, unsigned int flags);
int __real_pidfd_send_signal(int pidfd, int number, siginfo_t *info, unsigned int flags);
int __wrap_pidfd_send_signal(int pidfd, int number, siginfo_t *info, unsigned int flags);
int __real_waitid(idtype_t kind, id_t id, siginfo_t *info, int options);
int __wrap_waitid(idtype_t kind, id_t id, siginfo_t *info, int options);
int __real_close_range(unsigned int first, unsigned int last, int flags);
int __wrap_close_range(unsigned int first, unsigned int last, int flags);

static pid_t last_child = -1; /* of which there is one at a time */

/* A descriptor that is readable when a child has ended since; for the parent, who is no child, one that never is. */
int __wrap_pidfd_open(pid_t pid, unsigned int flags)
{
	int fd = __real_pidfd_open(pid, flags);
	struct signalfd_siginfo old;
	siginfo_t info = { 0 };
	sigset_t child;

	if (fd >= 0 || errno != ENOSYS)
		return fd;
	if (pid == getppid())
		return eventfd(0, EFD_CLOEXEC);
	last_child = pid;
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	fd = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
	while (fd >= 0 && read(fd, &old, sizeof(old)) > 0)
		;
	if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid)
		raise(SIGCHLD);
	return fd;
}

int __wrap_pidfd_send_signal(int pidfd, int number, siginfo_t *info, unsigned int flags)
{
	return last_child > 0 ? kill(last_child, number) : __real_pidfd_send_signal(pidfd, number, info, flags);
}

int __wrap_waitid(idtype_t kind, id_t id, siginfo_t *info, int options)
{
	return kind == P_PIDFD && last_child > 0 ? __real_waitid(P_PID, (id_t)last_child, info, options) :
						   __real_waitid(kind, id, info, options);
}

/* What stays open is closed by exec. */
int __wrap_close_range(unsigned int first, unsigned int last, int flags)
{
	int r = __real_close_range(first, last, flags);

	return r < 0 && (errno == EINVAL || errno == ENOSYS) ? 0 : r;
}
