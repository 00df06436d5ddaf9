// SPDX-License-Identifier: Apache-2.0
#include "vmm/vsock_child.h"

#include <errno.h>
#include <linux/sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"

enum { NAMESPACES = CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC };

/* Above all /dev/kvm, and the pipes whose end somebody waits for, must not live on here. */
static void close_all_but(const int *kept, size_t count)
{
	for (unsigned fd = STDERR_FILENO + 1; fd != 0;) {
		unsigned next = ~0U; /* the lowest kept one from fd on */

		for (size_t i = 0; i < count; i++) {
			if ((unsigned)kept[i] >= fd && (unsigned)kept[i] < next)
				next = (unsigned)kept[i];
		}
		if (next > fd)
			syscall(SYS_close_range, fd, next == ~0U ? next : next - 1, 0);
		fd = next + 1; /* wraps to 0 after the last one */
	}
}

static _Noreturn void child_main(const struct vsock *vsock, int channel)
{
	const int kept[] = { channel, vsock->fd, vsock->events.kick[0], vsock->events.kick[1], vsock->events.call };
	struct vsock_request request;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_SET_NAME, "vsock_device");
	close_all_but(kept, sizeof(kept) / sizeof(kept[0]));
	/* The channel also ends if the parent died before PR_SET_PDEATHSIG. */
	while (recv(channel, &request, sizeof(request), 0) == (ssize_t)sizeof(request)) {
		int answer = vsock_serve(vsock, &request);

		if (send(channel, &answer, sizeof(answer), MSG_NOSIGNAL) < 0)
			break;
	}
	_exit(0);
}

int vsock_child_start(const struct vsock *vsock, int *ret_channel, int *ret_pidfd)
{
	int pidfd = -1, pair[2];
	struct clone_args args = { .flags = CLONE_PIDFD | NAMESPACES,
				   .pidfd = (uintptr_t)&pidfd,
				   .exit_signal = SIGCHLD };
	long pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)) {
		int error = errno;

		log_error("socketpair: %s", strerror(error));
		return -error;
	}
	pid = syscall(SYS_clone3, &args, sizeof(args));
	if (pid == 0)
		child_main(vsock, pair[1]);
	if (pid < 0) {
		int error = errno;

		log_error("clone3 for the vsock device's sandbox: %s (--disable-sandbox does without)",
			  strerror(error));
		close_fd(pair[0]);
		close_fd(pair[1]);
		return -error;
	}
	close_fd(pair[1]);
	*ret_channel = pair[0];
	*ret_pidfd = pidfd;
	return 0;
}

int vsock_child_ask(int channel, const struct vsock_request *request)
{
	int answer;

	if (send(channel, request, sizeof(*request), MSG_NOSIGNAL) != (ssize_t)sizeof(*request) ||
	    recv(channel, &answer, sizeof(answer), 0) != (ssize_t)sizeof(answer)) {
		log_error("the vsock device's process is gone");
		return -EPIPE;
	}
	return answer;
}

void vsock_child_wait(int pidfd)
{
	siginfo_t info;

	while (waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED) && errno == EINTR)
		;
}
