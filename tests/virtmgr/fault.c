/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fault RESULT NAME kill N COMMAND...      kills the process NAME when it enters its N-th system call
 * fault RESULT NAME fail N COMMAND...      makes a system call fail, each with one error after another that it can have: the N-th case
 *
 * Runs COMMAND, waits until it and all its descendants have ended, and writes a line to RESULT for the script that loops over N:
 *
 *	reached|past STATUS CRASHED LEFT CALL ERROR TEXT
 *
 * "past": there is no N-th step.  STATUS: COMMAND's, 128 + signal when it was killed.  CRASHED: processes called NAME that ended
 * neither by exit nor by SIGKILL.  LEFT: processes that were still there after a time that is long for all of this.
 * CALL: the number of the system call.  ERROR, TEXT: errno and its words, 0 and - for kill.
 *
 * NAME is what the kernel calls the process (comm): so a child counts until it has executed another program.  A seccomp
 * filter hands all calls over, which needs no change in the programs, and no library that they could be static against.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { CANNOT_TRY = 126, PATIENCE_SECONDS = 30, MAX_TARGETS = 16 };

/*
 * Errors that a call can have on a machine that is short of something, or has a full or read-only file system.  brk is not
 * there: it fails by returning the old end, which is not known here.
 */
static const struct {
	int call;
	int errors[4];
} failures[] = {
	{ SYS_openat, { EMFILE, ENOSPC, EROFS, ENOMEM } },
	{ SYS_mkdirat, { ENOSPC, EROFS, ENOMEM } },
	{ SYS_unlinkat, { EROFS, EIO } },
	{ SYS_newfstatat, { ENOMEM } },
	{ SYS_getdents64, { EIO } },
	{ SYS_readlinkat, { ENOMEM } },
#ifdef SYS_readlink
	{ SYS_readlink, { ENOMEM } },
#endif
	{ SYS_fcntl, { EMFILE } },
	{ SYS_flock, { ENOLCK } },
	{ SYS_socket, { EMFILE, ENOBUFS } },
	{ SYS_bind, { ENOSPC, EADDRINUSE, ENOMEM } },
	{ SYS_listen, { EADDRINUSE } },
	{ SYS_accept4, { EMFILE, ENOMEM } },
	{ SYS_connect, { ENOMEM } },
	{ SYS_recvmsg, { ENOMEM } },
	{ SYS_sendmsg, { ENOBUFS } },
	{ SYS_recvfrom, { ENOMEM } },
	{ SYS_sendto, { ENOBUFS } },
	{ SYS_read, { EIO } },
	{ SYS_write, { ENOSPC, EIO } },
	{ SYS_pipe2, { EMFILE } },
	{ SYS_epoll_create1, { EMFILE, ENOMEM } },
	{ SYS_epoll_ctl, { ENOSPC, ENOMEM } },
	{ SYS_signalfd4, { EMFILE, ENOMEM } },
	{ SYS_timerfd_create, { EMFILE, ENOMEM } },
	{ SYS_pidfd_open, { EMFILE, ENOMEM } },
	{ SYS_clone, { EAGAIN, ENOMEM } },
#ifdef SYS_vfork
	{ SYS_vfork, { EAGAIN, ENOMEM } },
#endif
	{ SYS_execve, { ENOMEM } },
	{ SYS_dup3, { EBUSY } },
#ifdef SYS_dup2
	{ SYS_dup2, { EBUSY } },
#endif
	{ SYS_mmap, { ENOMEM } },
	{ SYS_prlimit64, { EPERM } },
	{ SYS_waitid, { ECHILD } },
};

struct target {
	pid_t pid;
	bool over; /* it has asked to exit, or runs another program, or was killed on purpose */
};

struct fault {
	const char *name;
	bool kills;
	unsigned long number, steps;
	bool in_main;    /* the C library has started; a failure before that can't be handled by the program */
	int call, error; /* where it struck; call is -1 before */
	struct target targets[MAX_TARGETS];
	size_t target_count;
};

/* Every system call of this process and its descendants waits for an answer on the descriptor that is told on FD. */
static int hand_over_calls(int fd)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_write, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned int)fd, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
	};
	struct sock_fprog program = { .len = COUNT(filter), .filter = filter };
	int listener = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);

	return write(fd, &listener, sizeof(listener)) == sizeof(listener) && listener >= 0 ? 0 : -1;
}

/* Starts COMMAND; it shares the descriptors up to its exec, and so the listener is ours too.  -1 on failure. */
static int start(char **command, const sigset_t *signals, pid_t *ret_pid)
{
	int told[2], listener = -1;

	if (pipe2(told, O_CLOEXEC) < 0)
		return -1;
	/* A high number, so that no program's own write to it passes unseen. */
	told[1] = fcntl(told[1], F_DUPFD_CLOEXEC, 900);
	*ret_pid = (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);
	if (*ret_pid == 0) {
		sigprocmask(SIG_SETMASK, signals, NULL);
		if (hand_over_calls(told[1]) == 0)
			execvp(command[0], command);
		_exit(CANNOT_TRY);
	}
	if (*ret_pid < 0 || read(told[0], &listener, sizeof(listener)) != sizeof(listener))
		return -1;
	return listener;
}

/* The errors that CALL can have; 0 for one that can't fail. */
static size_t errors_of(int call, const int **ret)
{
	size_t count = 0;

	for (size_t i = 0; i < COUNT(failures); i++) {
		if (failures[i].call != call)
			continue;
		*ret = failures[i].errors;
		while (count < COUNT(failures[i].errors) && failures[i].errors[count])
			count++;
	}
	return count;
}

static bool is_named(pid_t pid, const char *name)
{
	char path[64], comm[32] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	file = fopen(path, "re");
	if (!file)
		return false;
	if (fgets(comm, sizeof(comm), file))
		comm[strcspn(comm, "\n")] = 0;
	fclose(file);
	return !strcmp(comm, name);
}

/* PID's row; a new one if it was not seen before, and NULL if it is not to be followed. */
static struct target *find_target(struct fault *fault, pid_t pid)
{
	struct target *target = NULL;

	for (size_t i = 0; i < fault->target_count; i++)
		if (fault->targets[i].pid == pid)
			target = &fault->targets[i];
	if (!is_named(pid, fault->name)) {
		if (target)
			target->over = true;
		return NULL;
	}
	if (!target && fault->target_count < MAX_TARGETS) {
		target = &fault->targets[fault->target_count++];
		*target = (struct target){ .pid = pid };
	}
	return target;
}

/* How many steps CALL is, which may fail in several ways. */
static size_t steps_of(const struct fault *fault, const struct seccomp_data *call, const int **ret_errors)
{
	if (fault->kills)
		return 1;
	/* Other commands of fcntl than those that duplicate a descriptor don't fail. */
	if (!fault->in_main || (call->nr == SYS_fcntl && call->args[1] != F_DUPFD_CLOEXEC))
		return 0;
	return errors_of(call->nr, ret_errors);
}

/* Whether the fault strikes at this call; which error it is, if it is one. */
static bool strikes(struct fault *fault, const struct seccomp_data *call)
{
	const int *errors = NULL;
	unsigned long before = fault->steps;

	fault->in_main |= call->nr == SYS_openat;
	fault->steps += steps_of(fault, call, &errors);
	if (fault->number <= before || fault->number > fault->steps)
		return false;
	fault->call = call->nr;
	fault->error = errors ? errors[fault->number - before - 1] : 0;
	return true;
}

/* The process that descriptor FD of CALLER, a pidfd, refers to; 0: none. */
static pid_t pid_of_pidfd(pid_t caller, int fd)
{
	char path[64], line[128];
	FILE *info;
	int pid = 0;

	snprintf(path, sizeof(path), "/proc/%d/fdinfo/%d", (int)caller, fd);
	info = fopen(path, "re");
	while (info && fgets(line, sizeof(line), info))
		if (sscanf(line, "Pid: %d", &pid) == 1)
			break;
	if (info)
		fclose(info);
	return pid > 0 ? pid : 0;
}

/* A process to which SIGKILL is sent, alone or with its process group, does not crash. */
static void note_kill(struct fault *fault, pid_t caller, const struct seccomp_data *call)
{
	pid_t pid = 0;

	if (call->args[1] != SIGKILL)
		return;
	if (call->nr == SYS_kill)
		pid = abs((pid_t)call->args[0]);
	else if (call->nr == SYS_pidfd_send_signal)
		pid = pid_of_pidfd(caller, (int)call->args[0]);
	for (size_t i = 0; pid && i < fault->target_count; i++)
		if (fault->targets[i].pid == pid)
			fault->targets[i].over = true;
}

static void answer_call(int listener, struct fault *fault)
{
	struct seccomp_notif call = {};
	struct seccomp_notif_resp answer = { .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE };
	struct target *target;

	/* ENOENT: the caller was killed meanwhile. */
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call) < 0)
		return;
	answer.id = call.id;
	note_kill(fault, (pid_t)call.pid, &call.data);
	target = find_target(fault, (pid_t)call.pid);
	if (target)
		target->over |= call.data.nr == SYS_exit_group;
	if (target && strikes(fault, &call.data)) {
		if (fault->kills) {
			target->over = true;
			kill(target->pid, SIGKILL);
			return;
		}
		answer.flags = 0;
		answer.error = -fault->error;
	}
	ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
}

static void on_child(int number)
{
	(void)number;
}

/* Collects what has ended; false when nobody is left. */
static bool collect(pid_t command, int *status)
{
	int ended;
	pid_t pid;

	while ((pid = waitpid(-1, &ended, WNOHANG)) > 0)
		if (pid == command)
			*status = WIFEXITED(ended) ? WEXITSTATUS(ended) : 128 + WTERMSIG(ended);
	return pid == 0;
}

/* Kills the children, to which orphans belong too, until there are none.  How many there were. */
static int end_children(void)
{
	char path[64], pid[16];
	int count = 0;
	FILE *list;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	do {
		list = fopen(path, "re");
		while (list && fscanf(list, "%15s", pid) == 1) {
			kill(atoi(pid), SIGKILL);
			count++;
		}
		if (list)
			fclose(list);
	} while (waitpid(-1, NULL, 0) > 0);
	return count;
}

/* Until all descendants have ended.  How many had not in time. */
static int serve(int listener, pid_t command, struct fault *fault, int *status)
{
	struct pollfd fd = { .fd = listener, .events = POLLIN };
	time_t end = time(NULL) + PATIENCE_SECONDS;
	const struct timespec second = { .tv_sec = 1 };
	sigset_t none;

	sigemptyset(&none);
	while (collect(command, status)) {
		if (time(NULL) > end)
			return end_children();
		if (ppoll(&fd, 1, &second, &none) <= 0)
			continue;
		if (fd.revents & POLLIN)
			answer_call(listener, fault);
		else
			fd.fd = -1; /* nobody is left who could call */
	}
	return 0;
}

static int count_crashes(const struct fault *fault)
{
	int count = 0;

	for (size_t i = 0; i < fault->target_count; i++)
		count += !fault->targets[i].over;
	return count;
}

int main(int argc, char **argv)
{
	struct fault fault = { .call = -1 };
	int listener, status = CANNOT_TRY, left;
	sigset_t child, old;
	FILE *result;
	pid_t pid;

	if (argc < 6 || (strcmp(argv[3], "kill") && strcmp(argv[3], "fail"))) {
		fputs("usage: fault RESULT NAME kill|fail N COMMAND...\n", stderr);
		return CANNOT_TRY;
	}
	fault.name = argv[2];
	fault.kills = !strcmp(argv[3], "kill");
	fault.number = strtoul(argv[4], NULL, 10);
	result = fopen(argv[1], "we");
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, &old);
	signal(SIGCHLD, on_child);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	listener = start(argv + 5, &old, &pid);
	if (!result || listener < 0) {
		fprintf(stderr, "fault: %s\n", strerror(errno));
		return CANNOT_TRY;
	}
	left = serve(listener, pid, &fault, &status);
	fprintf(result, "%s %d %d %d %d %d %s\n", fault.call >= 0 ? "reached" : "past", status, count_crashes(&fault),
		left, fault.call, fault.error, fault.error ? strerror(fault.error) : "-");
	return 0;
}
