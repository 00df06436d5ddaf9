/* SPDX-License-Identifier: Apache-2.0 */
/*
 * token-then:STEP: STEP with the rights of bpf(2) in a user namespace, by a BPF token (6.9 and later; include/uapi/linux/bpf.h
 * describes BPF_TOKEN_CREATE).  Who owns the namespace makes a BPF file system there, root outside delegates all that can be
 * delegated to it, and the token is had from it.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "actor/actor.h"
#include "bpf.h"
#include "common/cleanup.h"

enum { TOKEN_CREATE = 36 }; /* include/uapi/linux/bpf.h: BPF_TOKEN_CREATE */

/* What the two sides share; they have one memory and one table of descriptors. */
static struct {
	int go[2], done[2]; /* pipes */
	int context;        /* of the file system in the making */
	int mount;          /* or a negative errno */
} deal;

static int configure(unsigned int command, const char *key, const char *value)
{
	return syscall(SYS_fsconfig, deal.context, command, key, value, 0) ? -errno : 0;
}

static int make_delegating_mount(void)
{
	static const char *const rights[] = { "delegate_cmds", "delegate_maps", "delegate_progs", "delegate_attachs" };
	int r = 0;

	for (size_t i = 0; !r && i < COUNT(rights); i++)
		r = configure(FSCONFIG_SET_STRING, rights[i], "any");
	if (!r)
		r = configure(FSCONFIG_CMD_CREATE, NULL, NULL);
	if (r)
		return r;
	r = (int)syscall(SYS_fsmount, deal.context, 0, 0);
	return r < 0 ? -errno : r;
}

/* Stays in the first user namespace. */
static int delegate(void *data)
{
	char byte;

	(void)data;
	if (read(deal.go[0], &byte, 1) == 1)
		deal.mount = make_delegating_mount();
	_exit(write(deal.done[1], "", 1) != 1);
}

static int put(const char *path, const char *text)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd < 0 || write(fd, text, strlen(text)) < 0 ? -errno : 0;
}

/* In which the caller is root. */
static int enter_namespaces(void)
{
	char users[32], groups[32];
	int r;

	snprintf(users, sizeof(users), "0 %u 1", geteuid());
	snprintf(groups, sizeof(groups), "0 %u 1", getegid());
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS))
		return -errno;
	r = put("/proc/self/setgroups", "deny");
	if (!r)
		r = put("/proc/self/uid_map", users);
	return r ? r : put("/proc/self/gid_map", groups);
}

static int create_token(int mount)
{
	_cleanup_close_ int root = openat(mount, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const struct {
		uint32_t flags, bpffs_fd;
	} create = { 0, (uint32_t)root };
	union bpf_attr attr = {};

	if (root < 0)
		return -errno;
	memcpy(&attr, &create, sizeof(create));
	return bpf_call((enum bpf_cmd)TOKEN_CREATE, &attr);
}

static int get_token(void)
{
	static char stack[1 << 16] __attribute__((aligned(16)));
	char byte;
	pid_t pid;
	int r;

	if (pipe(deal.go) || pipe(deal.done))
		return -errno;
	pid = clone(delegate, stack + sizeof(stack), CLONE_VM | CLONE_FILES | SIGCHLD, NULL);
	if (pid < 0)
		return -errno;
	r = enter_namespaces();
	if (r)
		untried("user namespace", -r);
	deal.context = (int)syscall(SYS_fsopen, "bpf", FSOPEN_CLOEXEC);
	if (deal.context < 0 || write(deal.go[1], "", 1) != 1 || read(deal.done[0], &byte, 1) != 1)
		untried("a BPF file system", errno);
	waitpid(pid, NULL, 0);
	r = deal.mount < 0 ? deal.mount : create_token(deal.mount);
	if (r > 0)
		use_token(r);
	return r < 0 ? r : 0;
}

/* Without a token, that is the result of the step. */
static int token_then(char *step)
{
	int r = get_token();

	return r ? r : run_step(step);
}

const struct step token_steps[] = {
	{ "token-then", token_then },
	{},
};
