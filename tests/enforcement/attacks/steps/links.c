/* SPDX-License-Identifier: Apache-2.0 */
/* Steps that take the policy's links away by what bpf(2) has for it, and an ordinary program for comparison. */
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "actor/actor.h"
#include "bpf.h"

static const struct bpf_insn nothing[] = { MOV_IMM(BPF_REG_0, 0), EXIT() };

static int link_detach(char *name)
{
	union bpf_attr attr = {};
	int link = open_link(name);

	attr.link_detach.link_fd = (uint32_t)link;
	return link < 0 ? link : bpf_call(BPF_LINK_DETACH, &attr);
}

static int link_update(char *name, const struct program *program)
{
	union bpf_attr attr = {};
	int link = open_link(name), fd = link < 0 ? link : load_program(program);

	attr.link_update.link_fd = (uint32_t)link;
	attr.link_update.new_prog_fd = (uint32_t)fd;
	return fd < 0 ? fd : bpf_call(BPF_LINK_UPDATE, &attr);
}

/* Another LSM program in place of the policy's on the same hook, file_open. */
static int lsm_update(char *name)
{
	const struct program program = { .type = BPF_PROG_TYPE_LSM, .attach = BPF_LSM_MAC,
					 .function = type_of_function("bpf_lsm_file_open"), .code = nothing,
					 .count = COUNT(nothing) };

	return link_update(name, &program);
}

/* Another iterator over tasks in place of the list of labelled tasks; what it lists is nothing. */
static int tasks_update(char *name)
{
	const struct program program = { .type = BPF_PROG_TYPE_TRACING, .attach = BPF_TRACE_ITER,
					 .function = type_of_function("bpf_iter_task"), .code = nothing,
					 .count = COUNT(nothing) };

	return link_update(name, &program);
}

static int prog_detach(char *name)
{
	union bpf_attr attr = {};
	int fd = open_program(name);

	attr.target_fd = (uint32_t)open("/sys/fs/cgroup", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	attr.attach_bpf_fd = (uint32_t)fd;
	attr.attach_type = BPF_LSM_MAC;
	return fd < 0 ? fd : bpf_call(BPF_PROG_DETACH, &attr);
}

static int filter_socket(char *argument)
{
	const struct program program = { .type = BPF_PROG_TYPE_SOCKET_FILTER, .code = nothing, .count = COUNT(nothing) };
	int fd = load_program(&program), sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)argument;
	if (fd < 0)
		return fd;
	return setsockopt(sock, SOL_SOCKET, SO_ATTACH_BPF, &fd, sizeof(fd)) ? -errno : 0;
}

const struct step link_steps[] = {
	{ "link-detach", link_detach },
	{ "lsm-update", lsm_update },
	{ "tasks-update", tasks_update },
	{ "prog-detach", prog_detach },
	{ "filter-socket", filter_socket },
	{},
};
