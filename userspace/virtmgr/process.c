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
#include "common/spawn.h"

/* How many descriptors a VMM may open at least: crosvm and QEMU need some dozens. */
enum { VMM_OWN_DESCRIPTORS = 256 };

struct plan {
	pid_t parent;
	size_t inherited;
};

/* The parent may have died before the prctl. */
static int tie_to_parent(const struct plan *plan)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return -errno;
	return getppid() == plan->parent ? 0 : -ESRCH;
}

static int place_standard(void)
{
	_cleanup_close_ int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	return null >= 0 && dup2(null, STDIN_FILENO) >= 0 && dup2(STDERR_FILENO, STDOUT_FILENO) >= 0 ? 0 : -errno;
}

/*
 * The VMM gets the limits that this process has inherited, but for room for its own descriptors beside those that it inherits: the
 * files of a VM's disks may be more than the limit was made for.
 */
static int make_room(const struct plan *plan)
{
	struct rlimit limit;
	rlim_t needed = plan->inherited + VMM_OWN_DESCRIPTORS;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return -errno;
	if (limit.rlim_cur >= needed)
		return 0;
	limit.rlim_cur = needed < limit.rlim_max ? needed : limit.rlim_max;
	return setrlimit(RLIMIT_NOFILE, &limit) < 0 ? -errno : 0;
}

static int prepare(const void *data)
{
	const struct plan *plan = data;
	int r = setsid() < 0 ? -errno : tie_to_parent(plan);

	if (r == 0)
		r = place_standard();
	if (r == 0)
		r = process_before_exec();
	return r < 0 ? r : make_room(plan);
}

int process_spawn(const char *path, char *const argv[], const int fds[], size_t count, struct process *ret)
{
	static char *const no_environment[] = { NULL };
	const struct plan plan = { getpid(), count };
	const struct spawn spawn = { path, argv, no_environment, fds, count, prepare, &plan, .share_memory = true };
	struct spawned spawned;
	struct process process;
	int r = spawn_begin(&spawn, &spawned);

	if (r < 0)
		return r;
	process = (struct process){ spawned.pid, spawned.pidfd };
	r = spawn_wait(spawned.error_fd);
	close_fd(spawned.error_fd);
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

int process_lift_memlock(void)
{
	const struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	struct rlimit now;
	int error;

	if (setrlimit(RLIMIT_MEMLOCK, &unlimited) == 0)
		return 0;
	error = errno;
	if (getrlimit(RLIMIT_MEMLOCK, &now) == 0 && now.rlim_cur == RLIM_INFINITY)
		return 0;
	if (error == EPERM) {
		log_warning(
			"RLIMIT_MEMLOCK can't be lifted: the client needs the capability SYS_RESOURCE; VMs that lock memory will fail");
		return 0;
	}
	log_error("RLIMIT_MEMLOCK can't be lifted: %s", strerror(error));
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
