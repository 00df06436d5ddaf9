/* SPDX-License-Identifier: Apache-2.0 */
#include "init/supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "init/lockout.h"
#include "init/pins.h"

/* What the child says of the platform's policy as soon as it has read it. */
struct wishes {
	enum on_failure on_failure;
	uint32_t deadline_ms;
};

static const struct wishes default_wishes = { .on_failure = ON_FAILURE_CLOSED, .deadline_ms = 10000 };
enum { LOCKOUT_DEADLINE_MS = 10000, KILL_GRACE_MS = 1000 };

static void send_wishes(void *data, const struct platform_policy *policy)
{
	struct wishes wishes = { .on_failure = policy->on_failure, .deadline_ms = policy->deadline_ms };
	const int *pipe_fd = data;

	if (write(*pipe_fd, &wishes, sizeof(wishes)) != (ssize_t)sizeof(wishes))
		log_warning("the platform's wishes did not reach the parent process; the defaults hold");
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct child {
	pid_t pid;
	int pidfd;
	int wishes_fd; /* -1: says nothing */
};

/* Reads what the child has said; closes the pipe at its end. */
static void take_wishes(struct child *child, struct wishes *wishes)
{
	struct wishes said;

	if (read(child->wishes_fd, &said, sizeof(said)) == (ssize_t)sizeof(said))
		*wishes = said;
	child->wishes_fd = close_fd(child->wishes_fd);
}

/* Waits for the end of the child; false: the deadline, which the child itself may set, has passed. */
static bool wait_for_end(struct child *child, struct wishes *wishes)
{
	int64_t begin = now_ms();

	for (;;) {
		struct pollfd fds[] = { { .fd = child->pidfd, .events = POLLIN }, { .fd = child->wishes_fd, .events = POLLIN } };
		int64_t left = begin + wishes->deadline_ms - now_ms();

		if (left <= 0)
			return false;
		if (poll(fds, 2, (int)left) < 0 && errno != EINTR)
			return false;
		if (fds[1].revents)
			take_wishes(child, wishes);
		else if (fds[0].revents)
			return true;
	}
}

static enum evm_exit_code reap(const struct child *child)
{
	int status;

	if (waitpid(child->pid, &status, 0) != child->pid)
		return EVM_EXIT_FAILURE;
	if (WIFEXITED(status))
		return (enum evm_exit_code)WEXITSTATUS(status);
	log_error("the loader died of signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
	return EVM_EXIT_FAILURE;
}

/* Kills a child that is late.  One that hangs in the kernel is left behind: waiting for it would hang this process. */
static enum evm_exit_code give_up(const struct child *child, uint32_t deadline_ms)
{
	struct pollfd end = { .fd = child->pidfd, .events = POLLIN };

	log_error("not done within %u ms: giving up", deadline_ms);
	kill(child->pid, SIGKILL);
	if (poll(&end, 1, KILL_GRACE_MS) == 1)
		waitpid(child->pid, NULL, 0);
	return EVM_EXIT_TIMEOUT;
}

static enum evm_exit_code finish(struct child *child, struct wishes *wishes)
{
	enum evm_exit_code code = wait_for_end(child, wishes) ? reap(child) : give_up(child, wishes->deadline_ms);

	close_fd(child->pidfd);
	close_fd(child->wishes_fd);
	return code;
}

static enum evm_exit_code run_loader(const struct loader_options *options, struct wishes *wishes)
{
	struct child child;
	int pipe_fds[2];

	if (pipe2(pipe_fds, O_CLOEXEC))
		return EVM_EXIT_FAILURE;
	child.pid = fork();
	if (child.pid == 0) {
		close(pipe_fds[0]);
		_exit(loader_run(options, send_wishes, &pipe_fds[1]));
	}
	close(pipe_fds[1]);
	child.wishes_fd = pipe_fds[0];
	if (child.pid < 0) {
		log_error("can't start the loader: %s", strerror(errno));
		close_fd(child.wishes_fd);
		return EVM_EXIT_FAILURE;
	}
	child.pidfd = (int)syscall(SYS_pidfd_open, child.pid, 0);
	return finish(&child, wishes);
}

/* In a child too: it loads a program. */
static int run_lockout(void)
{
	struct wishes limits = { .deadline_ms = LOCKOUT_DEADLINE_MS };
	struct child child = { .wishes_fd = -1 };

	child.pid = fork();
	if (child.pid == 0)
		_exit(lockout() ? EVM_EXIT_FAILURE : EVM_EXIT_OK);
	if (child.pid < 0)
		return -errno;
	child.pidfd = (int)syscall(SYS_pidfd_open, child.pid, 0);
	return finish(&child, &limits) == EVM_EXIT_OK ? 0 : -EACCES;
}

static void halt(const char *why)
{
	log_error("stopping the machine: %s", why);
	sync();
	reboot(RB_POWER_OFF);
	log_error("the machine can't be stopped: %s", strerror(errno));
}

static void deal_with_failure(enum evm_exit_code code, enum on_failure wish)
{
	switch (wish) {
	case ON_FAILURE_OPEN:
		if (code == EVM_EXIT_NOT_SEALED) {
			log_warning("OPEN: the policy is enforced and stays so, but root can take it away");
			return;
		}
		pins_remove();
		log_warning("OPEN: the policy is not enforced, and the platform's policy says on_failure=\"open\": "
			    "who may open /dev/kvm and claim CIDs is decided by file permissions alone");
		return;
	case ON_FAILURE_CLOSED:
		if (run_lockout() == 0)
			return;
		/* "Nobody gets KVM" is the promise; where it can't be kept otherwise, this keeps it. */
		halt("on_failure=\"closed\", and KVM can't be closed");
		return;
	case ON_FAILURE_HALT:
		halt("on_failure=\"halt\"");
		return;
	}
}

enum evm_exit_code supervise(const struct loader_options *options)
{
	struct wishes wishes = default_wishes;
	enum evm_exit_code code = run_loader(options, &wishes);

	if (code == EVM_EXIT_OK || code == EVM_EXIT_ENTRIES_REFUSED || code == EVM_EXIT_ALREADY || options->check_only)
		return code;
	deal_with_failure(code, wishes.on_failure);
	return code;
}
