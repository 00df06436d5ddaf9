/* SPDX-License-Identifier: Apache-2.0 */
/*
 * without_openat2 COMMAND...
 *
 * Runs COMMAND under a filter of system calls that answers ENOSYS to openat2(2), which service managers set where it could get
 * around a restriction (systemd's RestrictSUIDSGID= and DynamicUser=).  Ends with COMMAND's status, or with 99 if the filter is not
 * there.  A process that may not set a filter otherwise gets no_new_privs.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { NOT_RUN = 99 };

static int set_filter(void)
{
	static struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	static const struct sock_fprog program = { .len = sizeof(code) / sizeof(code[0]), .filter = code };

	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0)
		return 0;
	if (errno != EACCES || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -1;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

int main(int argc, char **argv)
{
	struct open_how how = { .flags = O_RDONLY | O_CLOEXEC };

	if (argc < 2) {
		fputs("usage: without_openat2 COMMAND...\n", stderr);
		return NOT_RUN;
	}
	if (set_filter()) {
		fprintf(stderr, "without_openat2: no filter can be set: %s\n", strerror(errno));
		return NOT_RUN;
	}
	if (syscall(SYS_openat2, AT_FDCWD, "/", &how, sizeof(how)) >= 0 || errno != ENOSYS) {
		fputs("without_openat2: openat2 does not answer ENOSYS\n", stderr);
		return NOT_RUN;
	}
	execvp(argv[1], argv + 1);
	fprintf(stderr, "without_openat2: %s: %s\n", argv[1], strerror(errno));
	return NOT_RUN;
}
