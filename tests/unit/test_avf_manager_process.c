/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How libavf starts its manager, in a program that forks at the worst moment: a process that another thread forks has
 * copies of all pipes and sockets of the start, and keeps them open.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "descriptor_count.h"
#include "libavf/manager_client.h"
#include "libavf/manager_process.h"

static char path[] = "/tmp/avf_manager.XXXXXX";
static pid_t other; /* the process that another thread has forked */
static bool fork_another;

/* Between the creation of the pipes and the fork of the manager; not by fork(3), which would call this again. */
static void before_fork(void)
{
	if (!fork_another || other > 0)
		return;
	other = (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
	if (other == 0)
		for (;;)
			pause();
}

static void write_manager(const char *script)
{
	int fd = mkstemp(path);

	cr_assert_geq(fd, 0);
	cr_assert_eq(write(fd, script, strlen(script)), (ssize_t)strlen(script));
	cr_assert_eq(fchmod(fd, 0700), 0);
	close(fd);
}

static void begin(void)
{
	cr_assert_eq(pthread_atfork(before_fork, NULL, NULL), 0);
	fork_another = true;
}

static void end(void)
{
	unlink(path);
	if (other > 0) {
		kill(other, SIGKILL);
		waitpid(other, NULL, 0);
	}
}

#define CASE(name) Test(avf_manager_process, name, .init = begin, .fini = end, .timeout = 120)

static siginfo_t finish; /* of the manager */

static const char ready_and_stays[] = "#!/bin/sh\nprintf o >&4\nexec 4>&-\nexec sleep 100\n";

CASE(it_is_ready_though_a_forked_process_has_the_pipes)
{
	int connection, pidfd;
	pid_t pid;

	write_manager(ready_and_stays);
	cr_assert_eq(manager_start(path, &connection, &pid, &pidfd, &finish), 0);
	cr_expect_gt(other, 0);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(connection);
	close(pidfd);
}

CASE(it_ends_before_it_is_ready)
{
	int connection, pidfd, before = count_descriptors();
	pid_t pid;

	write_manager("#!/bin/sh\nexit 3\n");
	cr_expect_eq(manager_start(path, &connection, &pid, &pidfd, &finish), -ECONNREFUSED);
	cr_expect_eq(finish.si_code, CLD_EXITED);
	cr_expect_eq(finish.si_status, 3);
	cr_expect_eq(count_descriptors(), before);
	cr_expect_gt(other, 0);
}

/* The same where nobody else has the pipes: then they end with the manager. */
CASE(it_ends_before_it_is_ready_and_nobody_has_forked)
{
	int connection, pidfd, before = count_descriptors();
	pid_t pid;

	fork_another = false;
	write_manager("#!/bin/sh\nexec 4>&-\nexec sleep 100\n");
	cr_expect_eq(manager_start(path, &connection, &pid, &pidfd, &finish), -ECONNREFUSED,
		     "it has closed the pipe, and runs");
	cr_expect_eq(manager_start("/tmp/avf_manager/absent", &connection, &pid, &pidfd, &finish), -ENOENT);
	cr_expect_eq(count_descriptors(), before);
	cr_expect_eq(waitpid(-1, NULL, WNOHANG), -1, "no child is left");
}

CASE(it_says_something_else)
{
	int connection, pidfd;
	pid_t pid;

	write_manager("#!/bin/sh\nprintf x >&4\nexec sleep 100\n");
	cr_expect_eq(manager_start(path, &connection, &pid, &pidfd, &finish), -ECONNREFUSED);
	cr_expect_eq(finish.si_code, CLD_KILLED);
	cr_expect_eq(finish.si_status, SIGKILL);
}

CASE(it_can_not_be_executed)
{
	int connection, pidfd, before = count_descriptors();
	pid_t pid;

	write_manager("not a program\n");
	cr_expect_eq(manager_start(path, &connection, &pid, &pidfd, &finish), -ENOEXEC);
	cr_expect_eq(manager_start("/tmp/avf_manager/absent", &connection, &pid, &pidfd, &finish), -ENOENT);
	cr_expect_eq(count_descriptors(), before);
	cr_expect_lt(waitpid(-1, NULL, WNOHANG), 1, "only the other process is left");
}

/* A request and a wait end with the manager, though the connection's other end is open in the forked process. */
CASE(its_end_is_noticed_though_a_forked_process_has_the_connection)
{
	const char *const paths[] = { path, NULL };
	struct evm_vm_status status;
	struct evm_client client;
	struct evm_end how;

	/* ends with the first request */
	write_manager("#!/bin/sh\nprintf o >&4\nexec 4>&-\nexec head -c 1 <&3 >/dev/null\n");
	cr_assert_eq(evm_client_start(paths, &client), 0);
	cr_expect_eq(evm_client_get_state(&client, 100, &status), -ECONNRESET);
	cr_expect_eq(evm_client_wait(&client, 100, -1, &how), -ECONNRESET);
	cr_expect_eq(evm_client_receive_notices(&client), -ECONNRESET);
	evm_client_close(&client);
}

/* The manager sees the end of the connection, though the client's end is open in a forked process. */
CASE(it_is_told_to_end_though_a_forked_process_has_the_connection)
{
	const char *const paths[] = { path, NULL };
	struct evm_client client;
	pid_t manager;

	write_manager("#!/bin/sh\nprintf o >&4\nexec 4>&-\nexec head -c 1 <&3 >/dev/null\n");
	fork_another = false;
	cr_assert_eq(evm_client_start(paths, &client), 0);
	fork_another = true;
	before_fork();
	manager = client.manager;
	evm_client_close(&client);
	cr_expect_eq(kill(manager, 0), -1, "it has ended and was collected");
	cr_expect_eq(kill(other, 0), 0);
}

/* What it inherits: the client's own dispositions and masks are the client's. */
CASE(its_signals_are_reset)
{
	const char *const paths[] = { path, NULL };
	struct evm_client client;
	sigset_t all;
	char line[200], result[] = "/tmp/avf_signals.XXXXXX", script[300];
	unsigned long long blocked = 1, ignored = 1;
	FILE *status;

	close(mkstemp(result));
	snprintf(script, sizeof(script),
		 "#!/bin/sh\ncat /proc/self/status >%s\nprintf o >&4\nexec 4>&-\nexec head -c 1 <&3 >/dev/null\n",
		 result);
	write_manager(script);
	signal(SIGCHLD, SIG_IGN);
	signal(SIGUSR1, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_DFL); /* a shell may have started this in the background */
	signal(SIGQUIT, SIG_DFL);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	cr_assert_eq(evm_client_start(paths, &client), 0);
	evm_client_close(&client);
	status = fopen(result, "r");
	cr_assert(status);
	while (fgets(line, sizeof(line), status)) {
		sscanf(line, "SigBlk: %llx", &blocked);
		sscanf(line, "SigIgn: %llx", &ignored);
	}
	fclose(status);
	unlink(result);
	cr_expect_eq(blocked, 0);
	/* libc keeps 32 and 33 */
	cr_expect_eq(ignored & 0x7fffffff, 1ull << (SIGHUP - 1), "as nohup asks for: %llx", ignored);
}

/* A client that has closed its standard output does not write into the connection. */
CASE(its_descriptors_are_none_of_the_standard_ones)
{
	int connection, pidfd, saved[3];
	pid_t pid;
	int r;

	write_manager(ready_and_stays);
	for (int fd = 0; fd < 3; fd++)
		saved[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 10);
	for (int fd = 0; fd < 3; fd++)
		close(fd);
	r = manager_start(path, &connection, &pid, &pidfd, &finish);
	for (int fd = 0; fd < 3; fd++) {
		if (saved[fd] < 0)
			continue;
		dup2(saved[fd], fd);
		close(saved[fd]);
	}
	cr_assert_eq(r, 0);
	cr_expect_gt(connection, 2);
	cr_expect_gt(pidfd, 2);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(connection);
	close(pidfd);
}
