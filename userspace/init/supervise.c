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
#include "init/ioctl_filter.h"
#include "init/lockout.h"
#include "init/pins.h"

/* What the child says of the platform's policy as soon as it has read it. */
struct wishes {
	enum on_failure on_failure;
	uint32_t deadline_ms;
	bool seal;
};

static const struct wishes default_wishes = { .on_failure = ON_FAILURE_CLOSED, .deadline_ms = 10000, .seal = true };
enum { LOCKOUT_DEADLINE_MS = 10000, KILL_GRACE_MS = 1000 };

static void send_wishes(void *data, const struct platform_policy *policy)
{
	/* Where the seal is for later, there is nothing to wait for once KVM is closed. */
	struct wishes wishes = {
		.on_failure = policy->on_failure,
		.deadline_ms = policy->deadline_ms,
		.seal = policy->seal != SEAL_NO,
	};
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

/* In a child too: it loads programs. */
static int run_step(int (*step)(void))
{
	struct wishes limits = { .deadline_ms = LOCKOUT_DEADLINE_MS };
	struct child child = { .wishes_fd = -1 };

	child.pid = fork();
	if (child.pid == 0)
		_exit(step() ? EVM_EXIT_FAILURE : EVM_EXIT_OK);
	if (child.pid < 0)
		return -errno;
	child.pidfd = (int)syscall(SYS_pidfd_open, child.pid, 0);
	return finish(&child, &limits) == EVM_EXIT_OK ? 0 : -EACCES;
}

/* Returns only if the kernel does not do it. */
static void stop_machine(const char *why)
{
	log_error("stopping the machine: %s", why);
	sync();
	reboot(RB_POWER_OFF);
	log_error("the machine can't be stopped: %s; nothing is started after this program", strerror(errno));
}

/* As PID 1 it is the boot that stands still. */
static _Noreturn void wait_for_ever(void)
{
	for (;;)
		pause();
}

/* KVM is closed by a program.  Can root undo it? */
static bool seal_closed(enum evm_exit_code code)
{
	if (code != EVM_EXIT_KERNEL)
		return run_step(lockout_seal) == 0;
	log_warning("closed, and not sealed by the policy, which this kernel can't enforce");
	return false;
}

/* The strongest means first.  The last keeps the promise, which is that nobody gets KVM, where nothing else does. */
static void close_kvm(enum evm_exit_code code, bool seal)
{
	bool closed = run_step(lockout) == 0;

	if (closed && (!seal || seal_closed(code)))
		return;
	if (getpid() == 1 && ioctl_filter_install() == 0)
		return;
	if (closed || run_step(seal ? lockout_modules_for_good : lockout_modules) == 0)
		return;
	stop_machine("on_failure=\"closed\", and KVM can't be closed");
	wait_for_ever();
}

static void deal_with_failure(enum evm_exit_code code, const struct wishes *wishes)
{
	switch (wishes->on_failure) {
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
		close_kvm(code, wishes->seal);
		return;
	case ON_FAILURE_HALT:
		stop_machine("on_failure=\"halt\"");
		run_step(lockout); /* what runs already goes on without KVM */
		wait_for_ever();
	}
}

enum evm_exit_code supervise(const struct loader_options *options)
{
	struct wishes wishes = default_wishes;
	enum evm_exit_code code = run_loader(options, &wishes);

	if (code == EVM_EXIT_OK || code == EVM_EXIT_ENTRIES_REFUSED || code == EVM_EXIT_ALREADY || options->check_only)
		return code;
	deal_with_failure(code, &wishes);
	return code;
}
