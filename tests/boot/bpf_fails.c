/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bpf_fails FIRST ERRNO once|on COMMAND...: runs COMMAND and makes a bpf(2) call of it or its children fail.
 *
 * The calls are counted from 1 over all of them.  "once": the call FIRST fails; "on": it and all after it.  At the end
 * the number of calls is written to standard error, and the exit status is COMMAND's.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct fault {
	unsigned long first;
	int error;
	bool once;
	unsigned long calls;
};

/* Every bpf(2) call of this process and its children waits for an answer on the descriptor that is returned. */
static int watch_bpf_calls(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_bpf, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { .len = sizeof(filter) / sizeof(filter[0]), .filter = filter };

	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
}

static bool is_to_fail(const struct fault *fault)
{
	return fault->once ? fault->calls == fault->first : fault->calls >= fault->first;
}

static void answer_call(int listener, struct fault *fault)
{
	struct seccomp_notif call = {};
	struct seccomp_notif_resp answer = {};

	/* ENOENT: the caller was killed meanwhile. */
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call))
		return;
	fault->calls++;
	answer.id = call.id;
	if (is_to_fail(fault))
		answer.error = -fault->error;
	else
		answer.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
}

/* Until CHILD ends; its exit status. */
static int serve(int listener, pid_t child, struct fault *fault)
{
	struct pollfd fds[] = { { .fd = listener, .events = POLLIN },
				{ .fd = (int)syscall(SYS_pidfd_open, child, 0), .events = POLLIN } };
	int status;

	while (poll(fds, 2, -1) >= 0 || errno == EINTR) {
		if (fds[0].revents & POLLIN)
			answer_call(listener, fault);
		else if (fds[1].revents)
			break;
	}
	if (waitpid(child, &status, 0) != child || !WIFEXITED(status))
		return 126;
	return WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
	struct fault fault = {};
	int listener, status;
	pid_t child;

	if (argc < 5 || (strcmp(argv[3], "once") && strcmp(argv[3], "on"))) {
		fputs("usage: bpf_fails FIRST ERRNO once|on COMMAND...\n", stderr);
		return 126;
	}
	fault.first = strtoul(argv[1], NULL, 10);
	fault.error = atoi(argv[2]);
	fault.once = !strcmp(argv[3], "once");
	listener = watch_bpf_calls();
	child = listener < 0 ? -1 : fork();
	if (child == 0) {
		execvp(argv[4], &argv[4]);
		_exit(127);
	}
	if (child < 0) {
		fprintf(stderr, "bpf_fails: %s\n", strerror(errno));
		return 126;
	}
	status = serve(listener, child, &fault);
	fprintf(stderr, "bpf_fails: %lu calls\n", fault.calls);
	return status;
}
