/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a command under one of the mechanisms that people compare the policy with: peer NAME COMMAND [ARG...].  For test machines
 * only.  None of them refuses the command anything.
 *
 *   landlock     a ruleset that handles reading, writing and executing files, and allows them below /
 *   seccomp      a filter that compares the number of the call with 16 others
 *   restrict_fs  the BPF programs of peers.bpf.c
 *   d_path
 *   apparmor     the loaded profile "bench" (peers.apparmor)
 *
 * SELinux takes no such step: it judges all tasks as soon as it has a policy (peers.cil).
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../run_command.h"

#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wpointer-arith"
#pragma GCC diagnostic ignored "-Wsign-compare"
#pragma GCC diagnostic ignored "-Woverlength-strings"
#include "peers.lskel.h"

static int use_landlock(void)
{
	const __u64 rights = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE;
	struct landlock_ruleset_attr ruleset = { .handled_access_fs = rights };
	struct landlock_path_beneath_attr root = { .allowed_access = rights,
						   .parent_fd = open("/", O_PATH | O_CLOEXEC) };
	int fd = (int)syscall(SYS_landlock_create_ruleset, &ruleset, sizeof(ruleset), 0);

	if (fd < 0 || syscall(SYS_landlock_add_rule, fd, LANDLOCK_RULE_PATH_BENEATH, &root, 0) ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || syscall(SYS_landlock_restrict_self, fd, 0))
		return -errno;
	return 0;
}

static int use_seccomp(void)
{
	enum { OTHERS = 16, FIRST_OTHER = 1000 };
	struct sock_filter code[OTHERS + 2];
	struct sock_fprog program = { .len = OTHERS + 2, .filter = code };

	code[0] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (unsigned int i = 1; i <= OTHERS; i++)
		code[i] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, FIRST_OTHER + i, 0, 0);
	code[OTHERS + 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		return -errno;
	return 0;
}

static int use_bpf(int (*attach)(struct peers *))
{
	struct peers *skel = peers__open_and_load();

	return skel && attach(skel) >= 0 ? 0 : -errno;
}

static int use_restrict_fs(void)
{
	return use_bpf(peers__restrict_fs__attach);
}

static int use_d_path(void)
{
	return use_bpf(peers__d_path__attach);
}

/* The profile holds from the next execve on. */
static int use_apparmor(void)
{
	static const char words[] = "exec bench";
	int fd = open("/proc/self/attr/apparmor/exec", O_WRONLY | O_CLOEXEC), r = 0;

	if (fd < 0 || write(fd, words, sizeof(words) - 1) < 0)
		r = -errno;
	if (fd >= 0)
		close(fd);
	return r;
}

static const struct peer {
	const char *name;
	int (*use)(void);
} peers[] = {
	{ "landlock", use_landlock }, { "seccomp", use_seccomp },   { "restrict_fs", use_restrict_fs },
	{ "d_path", use_d_path },     { "apparmor", use_apparmor },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 2 && i < sizeof(peers) / sizeof(peers[0]); i++) {
		int r;

		if (strcmp(argv[1], peers[i].name) != 0)
			continue;
		r = peers[i].use();
		if (r == 0)
			return run_command(argv + 2);
		fprintf(stderr, "peer: %s can't be used: %s\n", argv[1], strerror(-r));
		return 125;
	}
	fprintf(stderr, "usage: peer landlock|seccomp|restrict_fs|d_path|apparmor COMMAND [ARG...]\n");
	return 125;
}
