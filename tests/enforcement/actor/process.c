/* SPDX-License-Identifier: Apache-2.0 */
/* Steps that start a program, a process or a thread, which goes on with the chain. */
#include "actor.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../outcome.h"

enum { MAX_WORDS = 64, STACK_BYTES = 1 << 16 };

/* Fills ARGV with the FIRST words, the chain, and the end. */
static int argument_list(char **argv, char *const first[], char **chain)
{
	size_t count = 0;

	for (; *first; first++)
		argv[count++] = *first;
	for (; *chain; chain++) {
		if (count == MAX_WORDS - 1)
			return -E2BIG;
		argv[count++] = *chain;
	}
	argv[count] = NULL;
	return 0;
}

int execute(const char *path, char **chain)
{
	char *argv[MAX_WORDS];
	int r = argument_list(argv, (char *[]){ (char *)path, NULL }, chain);

	if (r)
		return r;
	execv(path, argv);
	return -errno;
}

static int do_exec(char *path)
{
	return execute(path, chain_rest);
}

/* exec-by:LOADER:PATH: the dynamic loader, run by hand. */
static int exec_by(char *loader)
{
	char *argv[MAX_WORDS], *path = second(loader);
	int r = argument_list(argv, (char *[]){ loader, path, NULL }, chain_rest);

	if (r)
		return r;
	execv(loader, argv);
	return -errno;
}

/* Without O_CLOEXEC, as a script could not be found again by its interpreter. */
static int exec_descriptor(int fd, char *name)
{
	char *argv[MAX_WORDS];
	int r = argument_list(argv, (char *[]){ name, NULL }, chain_rest);

	if (r)
		return r;
	syscall(SYS_execveat, fd, "", argv, environ, AT_EMPTY_PATH);
	return -errno;
}

static int fexec(char *path)
{
	int fd = open(path, O_PATH);

	return fd < 0 ? -errno : exec_descriptor(fd, path);
}

/* A copy of PATH without a name. */
static int memfd_exec(char *path)
{
	int from = open(path, O_RDONLY | O_CLOEXEC), to = memfd_create("copy", 0);
	char bytes[4096];
	ssize_t n;

	if (from < 0 || to < 0)
		return -errno;
	while ((n = read(from, bytes, sizeof(bytes))) > 0)
		if (write(to, bytes, (size_t)n) != n)
			return -EIO;
	return exec_descriptor(to, path);
}

static int vfork_exec(char *path)
{
	pid_t pid = vfork();

	if (pid == 0) {
		execute(path, chain_rest);
		_exit(OUTCOME_UNTRIED);
	}
	if (pid < 0)
		return -errno;
	end_like(pid);
}

static int do_fork(char *argument)
{
	pid_t pid = fork();

	(void)argument;
	if (pid <= 0)
		return pid ? -errno : 0;
	end_like(pid);
}

static int run_in_clone(void *data)
{
	(void)data;
	chain_run();
}

/* A process that shares memory and descriptors with its parent, which waits. */
static int clone_shared(char *argument)
{
	char *stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pid_t pid;

	(void)argument;
	if (stack == MAP_FAILED)
		return -errno;
	pid = clone(run_in_clone, stack + STACK_BYTES, CLONE_VM | CLONE_FILES | SIGCHLD, NULL);
	if (pid < 0)
		return -errno;
	end_like(pid);
}

static void *run_in_thread(void *data)
{
	(void)data;
	chain_run();
}

static int thread(char *argument)
{
	pthread_t id;
	int r = pthread_create(&id, NULL, run_in_thread, NULL);

	(void)argument;
	if (r)
		return -r;
	for (;;)
		pause(); /* the other thread ends the process, or replaces it */
}

static void *sleep_for_ever(void *data)
{
	for (;;)
		pause();
	return data;
}

/* A second thread that does nothing, while this one goes on. */
static int idle_thread(char *argument)
{
	pthread_t id;

	(void)argument;
	return -pthread_create(&id, NULL, sleep_for_ever, NULL);
}

/* zombies:N: so many children that have ended, and that nobody waits for. */
static int zombies(char *count)
{
	for (int i = atoi(count); i > 0; i--) {
		siginfo_t ended;
		pid_t pid = fork();

		if (pid == 0)
			_exit(0);
		if (pid < 0 || waitid(P_PID, (id_t)pid, &ended, WEXITED | WNOWAIT))
			return -errno;
	}
	return 0;
}

/* threads:N: so many threads that do nothing. */
static int threads(char *count)
{
	pthread_attr_t small;
	pthread_t id;
	int r = 0;

	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, (size_t)sysconf(_SC_THREAD_STACK_MIN));
	for (int i = atoi(count); i > 0 && !r; i--)
		r = pthread_create(&id, &small, sleep_for_ever, NULL);
	return -r;
}

/* Lets a traced child run on at every stop, and ends as it ends. */
static void trace_to_the_end(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, __WALL) == pid) {
		if (WIFEXITED(status))
			_exit(WEXITSTATUS(status));
		if (WIFSIGNALED(status))
			_exit(OUTCOME_UNTRIED);
		ptrace(PTRACE_CONT, pid, NULL, NULL);
	}
	untried("tracing", errno);
}

/* The child asks to be traced. */
static int traced(char *argument)
{
	pid_t pid = fork();

	(void)argument;
	if (pid == 0)
		return ptrace(PTRACE_TRACEME, 0, NULL, NULL) ? -errno : 0;
	if (pid < 0)
		return -errno;
	trace_to_the_end(pid);
	return 0;
}

/* The parent seizes a child that knows nothing of it. */
static int seized(char *argument)
{
	int gate[2];
	pid_t pid;
	char byte;

	(void)argument;
	if (pipe(gate))
		return -errno;
	pid = fork();
	if (pid == 0) {
		close(gate[1]);
		return read(gate[0], &byte, 1) == 1 ? 0 : -EPIPE;
	}
	if (pid < 0)
		return -errno;
	if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) || write(gate[1], "", 1) != 1)
		untried("seizing a child", errno);
	trace_to_the_end(pid);
	return 0;
}

pid_t beside_pid;

/* beside:N: a child does the next N steps and stays as it is then; this process goes on after them. */
static int beside(char *count)
{
	int ready[2], words = atoi(count);
	char byte;

	if (pipe(ready))
		return -errno;
	beside_pid = fork();
	if (beside_pid < 0)
		return -errno;
	if (beside_pid == 0) {
		if (dup2(ready[1], FD_READY) < 0)
			return -errno;
		close(ready[1]);
		chain_rest[words] = "stay";
		chain_rest[words + 1] = NULL;
		chain_run();
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		end_like(beside_pid);
	chain_rest += words;
	return 0;
}

static int stay(char *argument)
{
	(void)argument;
	if (write(FD_READY, "", 1) != 1)
		return -errno;
	for (;;)
		pause(); /* the prober ends whoever is left of a probe */
}

static int sleep_in_clone(void *data)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		pause();
	return data != NULL;
}

/* fs-sharer:vm: a child that shares root and working directory (and memory) with this process is alive. */
static int fs_sharer(char *also)
{
	char *stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int flags = CLONE_FS | SIGCHLD | (strcmp(also, "vm") ? 0 : CLONE_VM);

	if (stack == MAP_FAILED)
		return -errno;
	return clone(sleep_in_clone, stack + STACK_BYTES, flags, NULL) < 0 ? -errno : 0;
}

const struct step process_steps[] = {
	{ "exec", do_exec },
	{ "exec-by", exec_by },
	{ "fexec", fexec },
	{ "memfd-exec", memfd_exec },
	{ "vfork-exec", vfork_exec },
	{ "fork", do_fork },
	{ "clone-shared", clone_shared },
	{ "thread", thread },
	{ "idle-thread", idle_thread },
	{ "threads", threads },
	{ "zombies", zombies },
	{ "traced", traced },
	{ "seized", seized },
	{ "beside", beside },
	{ "stay", stay },
	{ "fs-sharer", fs_sharer },
	{},
};
