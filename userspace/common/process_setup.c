/* SPDX-License-Identifier: Apache-2.0 */
#include "common/process_setup.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/count.h"

/* Each of these ends a system call, or the process, at a point where the program does not expect it. */
static const int raised_limits[] = { RLIMIT_CPU, RLIMIT_DATA, RLIMIT_AS, RLIMIT_FSIZE, RLIMIT_NOFILE };
static struct rlimit limits_before[COUNT(raised_limits)];
static bool limits_known[COUNT(raised_limits)];

/* Their default action would end or stop the process because of what it writes. */
static const int ignored_signals[] = { SIGPIPE, SIGXFSZ, SIGTTOU };

/* Whoever starts the process may have these ignored on purpose. */
static const int kept_signals[] = { SIGHUP, SIGINT, SIGQUIT, SIGTSTP, SIGTTIN };

static void raise_limits(void)
{
	static const struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };

	for (size_t i = 0; i < COUNT(raised_limits); i++) {
		struct rlimit limit;

		if (getrlimit(raised_limits[i], &limit))
			continue;
		if (!limits_known[i])
			limits_before[i] = limit;
		limits_known[i] = true;
		limit.rlim_cur = limit.rlim_max;
		/* The first needs CAP_SYS_RESOURCE, and never succeeds for NOFILE. */
		if (setrlimit(raised_limits[i], &unlimited))
			setrlimit(raised_limits[i], &limit);
	}
}

static bool is_among(int number, const int *signals, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (signals[i] == number)
			return true;
	return false;
}

static int set_signals(void)
{
	sigset_t none;

	for (int number = 1; number < NSIG; number++) {
		struct sigaction action = { .sa_handler = SIG_DFL };

		if (is_among(number, kept_signals, COUNT(kept_signals)))
			continue;
		if (is_among(number, ignored_signals, COUNT(ignored_signals)))
			action.sa_handler = SIG_IGN;
		/* fails for SIGKILL, SIGSTOP and libc's own, which can't be ignored anyway */
		sigaction(number, &action, NULL);
	}
	sigemptyset(&none);
	return sigprocmask(SIG_SETMASK, &none, NULL) ? -errno : 0;
}

static bool is_usable(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags >= 0 && !(flags & O_PATH);
}

static int fill_standard_descriptor(int fd)
{
	int null = open("/dev/null", O_RDWR | O_NOCTTY), r = 0;

	if (null < 0 && fcntl(fd, F_GETFL) >= 0)
		return 0; /* the directory of an earlier call */
	if (null < 0)
		null = open("/", O_PATH | O_DIRECTORY);
	if (null < 0)
		return -errno;
	/* Without O_CLOEXEC on either way: programs that are started need the three as well. */
	if (null != fd) {
		r = dup2(null, fd) < 0 ? -errno : 0;
		close(null);
	}
	return r;
}

int process_setup(void)
{
	int result = 0;

	raise_limits();
	set_signals();
	umask(022);
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		int r = is_usable(fd) ? 0 : fill_standard_descriptor(fd);

		result = result ? result : r;
	}
	return result;
}

/* The rest have their default action since process_setup: a new VMM is spared a system call for each of them. */
static void set_default(const int *signals, size_t count)
{
	for (size_t i = 0; i < count; i++)
		signal(signals[i], SIG_DFL);
}

int process_before_exec(void)
{
	sigset_t none;
	int result = 0;

	for (size_t i = 0; i < COUNT(raised_limits); i++)
		if (limits_known[i] && setrlimit(raised_limits[i], &limits_before[i]))
			result = -errno;
	set_default(ignored_signals, COUNT(ignored_signals));
	set_default(kept_signals, COUNT(kept_signals));
	sigemptyset(&none);
	return sigprocmask(SIG_SETMASK, &none, NULL) ? -errno : result;
}
