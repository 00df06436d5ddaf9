/* SPDX-License-Identifier: Apache-2.0 */
#include "init/ioctl_filter.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/log.h"

enum {
	KVM_CREATE_VM = 0xAE01,
	KVM_GET_API_VERSION = 0xAE00,
	VHOST_VSOCK_SET_GUEST_CID = 0x4008AF60,
	VHOST_SET_OWNER = 0xAF01
};

/*
 * errno of an ioctl on no descriptor: EBADF, unless the filter answers.  Not by a 32-bit system call, which the kernel of this
 * machine may not have: that is tried in test machines (tests/boot/check, tests/enforcement/actor/vhost.c).
 */
static int answer(unsigned long command)
{
	return ioctl(-1, command) == 0 ? 0 : errno;
}

static void no_message(void *data, enum log_level level, const char *message)
{
	(void)data;
	(void)level;
	(void)message;
}

/* The number of the first thing that is wrong; 0: none is. */
static int try_filter(void)
{
	log_set_sink(no_message, NULL);
	if (answer(KVM_CREATE_VM) != EBADF)
		return 1;
	/* Without privileges a process may filter itself if it can't gain any. */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || ioctl_filter_install())
		return 2;
	if (answer(KVM_CREATE_VM) != EPERM || answer(VHOST_VSOCK_SET_GUEST_CID) != EPERM)
		return 3;
	/* The kernel looks at 32 bits of it. */
	if (answer(0xffffffff00000000 | KVM_CREATE_VM) != EPERM)
		return 4;
	return answer(KVM_GET_API_VERSION) != EBADF || answer(VHOST_SET_OWNER) != EBADF || answer(FIONREAD) != EBADF ?
		       5 :
		       0;
}

Test(ioctl_filter, refuses_two_commands_and_no_others)
{
	pid_t child = fork();
	int status;

	if (child == 0)
		_exit(try_filter());
	cr_assert(waitpid(child, &status, 0) == child);
	cr_assert(WIFEXITED(status));
	cr_expect_eq(WEXITSTATUS(status), 0, "step %d", WEXITSTATUS(status));
}
