/* SPDX-License-Identifier: Apache-2.0 */
#include "init/watched_child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/clock.h"
#include "common/log.h"
#include "init/deferred_log.h"
#include "init/processor_idle.h"

enum { TICK_MS = 100, END_GRACE_MS = 2000 };

/* Less processor time than this in a tick is no progress: a child that wakes up only to wait again. */
enum { MIN_PROGRESS_US = 500 };

struct child {
	pid_t pid;
	int pidfd;  /* -1: its end is seen a tick later */
	int report; /* -1: closed */
	int status; /* valid once it was collected */
	bool collected;
	uint64_t idle_ms, total_ms;   /* since it last made progress, and in all */
	uint64_t cpu_us, step_cpu_us; /* processor time: all, and since its last report */
	uint64_t processors_idle_ms;  /* of the whole machine, at the last tick */
};

/* Of a tick no more counts than it took: a virtual machine that stood still has charged that time to whoever was running. */
static void update_cpu_time(struct child *child, uint64_t took_ms)
{
	clockid_t clock;
	uint64_t now, used;

	if (clock_getcpuclockid(child->pid, &clock) || !(now = clock_us(clock)))
		return;
	used = now - child->cpu_us;
	if (used >= MIN_PROGRESS_US)
		child->idle_ms = 0;
	child->step_cpu_us += used < took_ms * 1000 ? used : took_ms * 1000;
	child->cpu_us = now;
}

/*
 * How much of a tick the processors could have worked for the child.  While they have other work, the child may wait for what only the
 * others can bring about: the kernel replaces a BPF program when every task has been switched once (synchronize_rcu_tasks), which takes
 * tens of seconds on a processor that a whole userspace starts on.
 */
static uint64_t idle_in_tick(struct child *child, uint64_t took_ms)
{
	uint64_t now, idle;

	if (processor_idle_ms(&now))
		return took_ms;
	idle = now - child->processors_idle_ms;
	child->processors_idle_ms = now;
	return idle < took_ms ? idle : took_ms;
}

/* Waiting for a processor, which /proc tells if it is there. */
static bool is_runnable(const struct child *child)
{
	char path[32], text[256], *end;
	ssize_t n;
	_cleanup_close_ int fd = -1;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)child->pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return false;
	text[n] = '\0';
	end = strrchr(text, ')'); /* the end of the program's name */
	return end && !strncmp(end, ") R", 3);
}

/* Each report starts a step's time anew.  -EBADMSG: one can't be understood. */
static int take_reports(struct child *child, struct loader_state *state)
{
	char packet[LOADER_REPORT_BYTES + 1];
	ssize_t n;

	while (child->report >= 0 && (n = read(child->report, packet, sizeof(packet))) != -1) {
		if (n == 0) {
			child->report = close_fd(child->report);
			return 0;
		}
		if (loader_report_take(packet, (size_t)n, state))
			return -EBADMSG;
		child->idle_ms = 0;
		child->step_cpu_us = 0;
	}
	return 0;
}

static void collect(struct child *child)
{
	pid_t pid = child->collected ? 0 : waitpid(child->pid, &child->status, WNOHANG);

	child->collected |= pid == child->pid || (pid < 0 && errno == ECHILD);
}

/* Time in which this process could not watch does not count either. */
static void wait_a_tick(struct child *child)
{
	struct pollfd fds[] = { { .fd = child->pidfd, .events = POLLIN }, { .fd = child->report, .events = POLLIN } };
	uint64_t begin = clock_us(CLOCK_MONOTONIC), took;

	poll(fds, 2, TICK_MS);
	took = (clock_us(CLOCK_MONOTONIC) - begin) / 1000;
	took = took > 2 * TICK_MS ? 2 * TICK_MS : took;
	child->idle_ms += idle_in_tick(child, took);
	child->total_ms += took;
	update_cpu_time(child, took);
}

/* Why the child is ended, or NULL. */
static const char *why_late(struct child *child, const struct loader_state *state)
{
	uint64_t deadline = state->settings.deadline_ms;

	if (child->total_ms >= deadline * WATCHED_CHILD_TOTAL)
		return "it takes too long in all";
	if (child->step_cpu_us / 1000 >= deadline)
		return "so much processor time was used without an end";
	if (child->idle_ms < deadline)
		return NULL;
	if (!is_runnable(child))
		return "no progress";
	child->idle_ms = 0;
	return NULL;
}

/* One that hangs in the kernel is left behind: waiting for it would hang this process. */
static void end_child(struct child *child, void (*before_kill)(const struct loader_state *),
		      const struct loader_state *state)
{
	struct pollfd end = { .fd = child->pidfd, .events = POLLIN };

	collect(child);
	if (child->collected)
		return;
	if (before_kill)
		before_kill(state);
	kill(child->pid, SIGKILL);
	poll(&end, 1, END_GRACE_MS);
	collect(child);
}

static int say_malformed(struct loader_state *state)
{
	log_error("what the loader reports can't be decoded (does another process write to its pipe?); giving up");
	*state = (struct loader_state)LOADER_STATE_INITIAL;
	return -1;
}

static int say_late(const struct loader_state *state, const char *why, bool *ret_late)
{
	log_error("not done within %u ms (<deadline> of the platform's policy): %s while %s; giving up",
		  state->settings.deadline_ms, why, loader_step_words(state->step));
	*ret_late = true;
	return -1;
}

static int say_died(const struct child *child, const struct loader_state *state)
{
	if (WIFSIGNALED(child->status))
		log_error("the loader died of signal %d (%s) while %s", WTERMSIG(child->status),
			  strsignal(WTERMSIG(child->status)), loader_step_words(state->step));
	else
		log_error("the loader ended without a result while %s", loader_step_words(state->step));
	return -1;
}

static int watch(struct child *child, struct loader_state *state, bool *ret_late)
{
	for (;;) {
		const char *why;

		wait_a_tick(child);
		/* In this order: what it wrote before its end is in the pipe then. */
		collect(child);
		if (take_reports(child, state))
			return say_malformed(state);
		if (state->ended)
			return state->code;
		if (child->collected)
			return say_died(child, state);
		why = why_late(child, state);
		if (why)
			return say_late(state, why, ret_late);
	}
}

/* It has reported its result, and can still write messages. */
static void wait_for_messages(struct child *child)
{
	for (int waited = 0; !child->collected && waited < END_GRACE_MS; waited += TICK_MS) {
		struct pollfd end = { .fd = child->pidfd, .events = POLLIN };

		poll(&end, 1, TICK_MS);
		collect(child);
	}
}

static _Noreturn void run_child(enum evm_exit_code (*work)(int report_fd, void *data), void *data, int report)
{
	enum evm_exit_code code = work(report, data);

	loader_report_end(report, code);
	deferred_log_write();
	_exit(code);
}

int watched_child_run(enum evm_exit_code (*work)(int report_fd, void *data),
		      void (*before_kill)(const struct loader_state *), void *data, struct loader_state *ret,
		      bool *ret_late)
{
	struct child child = { .pidfd = -1 };
	int pipe_fds[2], code;

	*ret_late = false;
	/* Both ends are above the standard descriptors, into which messages go (process_setup). */
	if (pipe2(pipe_fds, O_CLOEXEC | O_DIRECT)) {
		log_error("can't make a pipe for the loader: %s", strerror(errno));
		return -1;
	}
	child.pid = fork();
	if (child.pid == 0) {
		close(pipe_fds[0]);
		run_child(work, data, pipe_fds[1]);
	}
	close(pipe_fds[1]);
	child.report = pipe_fds[0];
	if (child.pid < 0) {
		log_error("can't start the loader: %s", strerror(errno));
		close_fd(child.report);
		return -1;
	}
	fcntl(child.report, F_SETFL, O_NONBLOCK | O_DIRECT);
	child.pidfd = (int)syscall(SYS_pidfd_open, child.pid, 0);
	code = watch(&child, ret, ret_late);
	if (code >= 0)
		wait_for_messages(&child);
	end_child(&child, before_kill, ret);
	close_fd(child.pidfd);
	close_fd(child.report);
	return code;
}
