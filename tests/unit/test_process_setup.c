/* SPDX-License-Identifier: Apache-2.0 */
/* What a program makes of what it inherits.  Each case runs in a child process, whose exit status is the result. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/process_setup.h"

static int run(int (*test)(void))
{
	pid_t child = fork();
	int status;

	if (child == 0)
		_exit(test());
	cr_assert_eq(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
}

static bool is_null(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3);
}

static int closed_streams(void)
{
	close(0);
	close(1);
	close(2);
	if (process_setup())
		return 1;
	if (!is_null(0) || !is_null(1) || !is_null(2))
		return 2;
	return open("/", O_PATH) > 2 ? 0 : 3;
}

static int one_closed_stream(void)
{
	struct stat before, after;

	close(1);
	if (fstat(2, &before) || process_setup() || fstat(2, &after))
		return 1;
	return is_null(1) && before.st_ino == after.st_ino && before.st_dev == after.st_dev ? 0 : 2;
}

static int path_stream(void)
{
	int fd = open("/", O_PATH);

	dup2(fd, 1);
	return process_setup() == 0 && is_null(1) ? 0 : 1;
}

Test(process_setup, standard_descriptors_are_open_afterwards)
{
	cr_assert_eq(run(closed_streams), 0);
	cr_assert_eq(run(one_closed_stream), 0);
	cr_assert_eq(run(path_stream), 0);
}

static void (*disposition(int number))(int)
{
	struct sigaction action;

	return sigaction(number, NULL, &action) ? SIG_ERR : action.sa_handler;
}

static int ignored_and_blocked(void)
{
	static const int kept[] = { SIGHUP, SIGINT, SIGQUIT, SIGTSTP, SIGTTIN };
	sigset_t all, now;

	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_IGN);
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	if (process_setup())
		return 1;
	sigprocmask(SIG_BLOCK, NULL, &now);
	if (!sigisemptyset(&now))
		return 2;
	if (disposition(SIGCHLD) != SIG_DFL || disposition(SIGTERM) != SIG_DFL || disposition(SIGRTMAX) != SIG_DFL)
		return 3;
	if (disposition(SIGPIPE) != SIG_IGN || disposition(SIGXFSZ) != SIG_IGN || disposition(SIGTTOU) != SIG_IGN)
		return 4;
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (disposition(kept[i]) != SIG_IGN)
			return 5;
	return 0;
}

static int at_their_defaults(void)
{
	signal(SIGHUP, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	if (process_setup())
		return 1;
	return disposition(SIGHUP) == SIG_DFL && disposition(SIGPIPE) == SIG_IGN ? 0 : 2;
}

Test(process_setup, signals_do_not_depend_on_who_starts_it)
{
	cr_assert_eq(run(ignored_and_blocked), 0);
	cr_assert_eq(run(at_their_defaults), 0);
}

static int tight_limits(void)
{
	struct rlimit files = { 10, 100 }, now;

	umask(0777);
	if (setrlimit(RLIMIT_NOFILE, &files) || process_setup())
		return 1;
	if (getrlimit(RLIMIT_NOFILE, &now) || now.rlim_cur != 100)
		return 2;
	return umask(0) == 022 ? 0 : 3;
}

static int before_exec(void)
{
	struct rlimit files = { 10, 100 }, now;

	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_IGN);
	if (setrlimit(RLIMIT_NOFILE, &files) || process_setup() || process_setup() || process_before_exec())
		return 1;
	if (getrlimit(RLIMIT_NOFILE, &now) || now.rlim_cur != 10 || now.rlim_max != 100)
		return 2;
	for (int number = 1; number < NSIG; number++)
		if (disposition(number) == SIG_IGN)
			return 3;
	return 0;
}

Test(process_setup, limits_are_raised_for_this_program_alone)
{
	cr_assert_eq(run(tight_limits), 0);
	cr_assert_eq(run(before_exec), 0);
}
