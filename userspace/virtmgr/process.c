/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "common/process_setup.h"

/* How many descriptors a VMM may open at least: crosvm and QEMU need some dozens. */
enum { VMM_OWN_DESCRIPTORS = 256 };

struct plan {
	const char *path;
	char *const *argv;
	const int *fds;
	size_t count;
	int error; /* the child writes its errno here; closed by a successful exec */
	pid_t parent;
};

static bool place_standard(void)
{
	_cleanup_close_ int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	return null >= 0 && dup2(null, STDIN_FILENO) >= 0 && dup2(STDERR_FILENO, STDOUT_FILENO) >= 0;
}

/* Two steps, because a target number may be the source of another one: first all go above the targets, then down. */
static bool place_descriptors(struct plan *plan)
{
	int moved[PROCESS_MAX_FDS], last = PROCESS_FIRST_FD + (int)plan->count, error;

	for (size_t i = 0; i < plan->count; i++) {
		moved[i] = fcntl(plan->fds[i], F_DUPFD_CLOEXEC, last + 1);
		if (moved[i] < 0)
			return false;
	}
	error = fcntl(plan->error, F_DUPFD_CLOEXEC, last + 1);
	if (error < 0)
		return false;
	plan->error = error;
	for (size_t i = 0; i < plan->count; i++)
		if (dup2(moved[i], PROCESS_FIRST_FD + (int)i) < 0)
			return false;
	if (dup3(plan->error, last, O_CLOEXEC) < 0)
		return false;
	plan->error = last;
	return close_range((unsigned int)last + 1, ~0U, 0) == 0;
}

/* The parent may have died before the prctl. */
static bool tie_to_parent(const struct plan *plan)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return false;
	errno = ESRCH;
	return getppid() == plan->parent;
}

/* Sets errno, like the others. */
static bool restore_inherited(void)
{
	errno = -process_before_exec();
	return errno == 0;
}

/*
 * The VMM gets the limits that this process has inherited, but for room for its own descriptors beside those that it inherits: the
 * files of a VM's disks may be more than the limit was made for.
 */
static bool make_room(const struct plan *plan)
{
	struct rlimit limit;
	rlim_t needed = plan->count + VMM_OWN_DESCRIPTORS;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return false;
	if (limit.rlim_cur >= needed)
		return true;
	limit.rlim_cur = needed < limit.rlim_max ? needed : limit.rlim_max;
	return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

/* Runs in the manager's memory, which waits (vfork): it may change nothing there but PLAN. */
static void __attribute__((noreturn, noinline)) run_child(struct plan *plan)
{
	char *no_environment[] = { NULL };
	int error;

	if (setsid() >= 0 && tie_to_parent(plan) && place_standard() && place_descriptors(plan) &&
	    restore_inherited() && make_room(plan))
		execve(plan->path, plan->argv, no_environment);
	error = errno;
	while (write(plan->error, &error, sizeof(error)) < 0 && errno == EINTR)
		;
	_exit(127);
}

/* What the child reports: 0 when the exec closed the pipe. */
static int read_error(int fd)
{
	int error;
	ssize_t n;

	do
		n = read(fd, &error, sizeof(error));
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return n == sizeof(error) ? -error : 0;
}

/* Ends a child without a pidfd. */
static void end_child(pid_t child)
{
	siginfo_t info;

	if (waitid(P_PID, (id_t)child, &info, WEXITED | WNOHANG | WNOWAIT) < 0)
		return;
	kill(child, SIGKILL);
	while (waitid(P_PID, (id_t)child, &info, WEXITED) < 0 && errno == EINTR)
		;
}

int process_spawn(const char *path, char *const argv[], const int fds[], size_t count, struct process *ret)
{
	_cleanup_close_ int read_end = -1, write_end = -1;
	struct plan plan = { path, argv, fds, count, -1, getpid() };
	struct process process = PROCESS_NONE;
	int ends[2], r;

	if (count > PROCESS_MAX_FDS)
		return -E2BIG;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	read_end = ends[0];
	write_end = plan.error = ends[1];
	/* A copy of the manager's page tables, thrown away at once, would be a fifth of what starting a VM costs. */
	process.pid = vfork();
	if (process.pid < 0)
		return -errno;
	if (process.pid == 0)
		run_child(&plan);
	write_end = close_fd(write_end);
	r = read_error(read_end);
	/* A zombie keeps its number until it is reaped, and only this process reaps it. */
	process.pidfd = pidfd_open(process.pid, 0); /* close-on-exec by itself */
	if (process.pidfd < 0) {
		r = r < 0 ? r : -errno;
		end_child(process.pid);
		return r;
	}
	if (r < 0) {
		siginfo_t info;

		process_end(&process, &info);
		return r;
	}
	*ret = process;
	return 0;
}

/* Whether the child PROCESS has ended, without collecting it.  By its pidfd: the number may be another process's, if it was collected. */
bool process_has_ended(const struct process *process)
{
	siginfo_t info = { 0 };

	return process->pidfd >= 0 && waitid(P_PIDFD, (id_t)process->pidfd, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	       info.si_pid == process->pid;
}

int process_adopt_orphans(void)
{
	int error;

	if (prctl(PR_SET_CHILD_SUBREAPER, 1) == 0)
		return 0;
	error = errno;
	log_error("this process can't adopt what a VMM leaves behind: %s", strerror(error));
	return -error;
}

void process_kill(const struct process *process)
{
	if (process->pidfd >= 0)
		pidfd_send_signal(process->pidfd, SIGKILL, NULL, 0);
}

/*
 * While the process is a zombie, its number and that of its process group can't be reused.  Kills the other processes
 * of the group, and reaps all of them.
 */
static void end_group(pid_t group)
{
	siginfo_t orphan;

	kill(-group, SIGKILL);
	while (waitid(P_PGID, (id_t)group, &orphan, WEXITED) == 0 || errno == EINTR)
		;
}

int process_end(struct process *process, siginfo_t *ret_info)
{
	int r = 0;

	if (process->pidfd < 0)
		return -ESRCH;
	process_kill(process);
	while (waitid(P_PIDFD, (id_t)process->pidfd, ret_info, WEXITED | WNOWAIT) < 0 && r == 0)
		r = errno == EINTR ? 0 : -errno;
	/* One that is not ours to wait for (-ECHILD) may be gone: then the number is not its own any more. */
	if (r == 0)
		end_group(process->pid);
	close_fd(process->pidfd);
	*process = PROCESS_NONE;
	return r;
}
