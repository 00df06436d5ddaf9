/* SPDX-License-Identifier: Apache-2.0 */
/* Steps that take the policy's links away by what bpf(2) has for it, and an ordinary program for comparison. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "actor/actor.h"
#include "bpf.h"

static const struct bpf_insn nothing[] = { MOV_IMM(BPF_REG_0, 0), EXIT() };

/* link-detach:WAY:LINK */
static int link_detach(char *way)
{
	union bpf_attr attr = {};
	int link = open_link_by(way, second(way));

	attr.link_detach.link_fd = (uint32_t)link;
	return link < 0 ? link : bpf_call(BPF_LINK_DETACH, &attr);
}

/* link-open-write:LINK */
static int link_open_write(char *name)
{
	char path[64];
	int r;

	snprintf(path, sizeof(path), "links/%s", name);
	r = open_pin(path, BPF_F_WRONLY);
	return r < 0 ? r : 0;
}

/* OLD: the program that must be in it (BPF_F_REPLACE), or 0. */
static int update(int link, int fd, int old)
{
	union bpf_attr attr = {};

	attr.link_update.link_fd = (uint32_t)link;
	attr.link_update.new_prog_fd = (uint32_t)fd;
	attr.link_update.flags = old ? BPF_F_REPLACE : 0;
	attr.link_update.old_prog_fd = (uint32_t)old;
	return link < 0 ? link : fd < 0 ? fd : old < 0 ? old : bpf_call(BPF_LINK_UPDATE, &attr);
}

static int load_nothing(enum bpf_prog_type type, enum bpf_attach_type attach, const char *function)
{
	const struct program program = { .type = type,
					 .attach = attach,
					 .code = nothing,
					 .count = COUNT(nothing),
					 .function = function ? type_of_function(function) : 0 };

	return load_program(&program);
}

/* lsm-update:WAY:LINK: another LSM program in place of the policy's on the same hook, file_open. */
static int lsm_update(char *way)
{
	int link = open_link_by(way, second(way));

	return link < 0 ? link : update(link, load_nothing(BPF_PROG_TYPE_LSM, BPF_LSM_MAC, "bpf_lsm_file_open"), 0);
}

/* The same, with the policy's program named as the one to go. */
static int lsm_replace(char *way)
{
	const char *name = second(way);
	int link = open_link_by(way, name);

	return link < 0 ? link :
			  update(link, load_nothing(BPF_PROG_TYPE_LSM, BPF_LSM_MAC, "bpf_lsm_file_open"),
				 open_program(name));
}

/* Another iterator over tasks, which lists nothing, in place of the list of labelled tasks. */
static int tasks_update(char *way)
{
	int link = open_link_by(way, second(way));

	return link < 0 ? link :
			  update(link, load_nothing(BPF_PROG_TYPE_TRACING, BPF_TRACE_ITER, "bpf_iter_bpf_map_elem"), 0);
}

static int root_group(void)
{
	int group = open("/sys/fs/cgroup", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (group < 0)
		untried("opening the root control group", errno);
	return group;
}

/* foreign-update:PROGRAM: a link of the attacker's own gets the policy's program, which would then end with that link. */
static int foreign_update(char *name)
{
	int target = open_program(name), link;
	union bpf_attr attr = {};

	if (target < 0)
		return target;
	attr.link_create.prog_fd = (uint32_t)load_nothing(BPF_PROG_TYPE_CGROUP_SKB, BPF_CGROUP_INET_EGRESS, NULL);
	attr.link_create.target_fd = (uint32_t)root_group();
	attr.link_create.attach_type = BPF_CGROUP_INET_EGRESS;
	link = bpf_call(BPF_LINK_CREATE, &attr);
	if (link < 0)
		untried("making a link", -link);
	return update(link, target, 0);
}

/* attach-again:PROGRAM: a second link to the policy's program. */
static int attach_again(char *name)
{
	union bpf_attr attr = {};
	int fd = open_program(name), r;

	attr.raw_tracepoint.prog_fd = (uint32_t)fd;
	r = fd < 0 ? fd : bpf_call(BPF_RAW_TRACEPOINT_OPEN, &attr);
	return r < 0 ? r : 0;
}

static int prog_detach(char *name)
{
	union bpf_attr attr = {};
	int fd = open_program(name);

	attr.target_fd = (uint32_t)root_group();
	attr.attach_bpf_fd = (uint32_t)fd;
	attr.attach_type = BPF_LSM_MAC;
	return fd < 0 ? fd : bpf_call(BPF_PROG_DETACH, &attr);
}

static int filter_socket(char *argument)
{
	const struct program program = { .type = BPF_PROG_TYPE_SOCKET_FILTER,
					 .code = nothing,
					 .count = COUNT(nothing) };
	int fd = load_program(&program), sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)argument;
	if (fd < 0)
		return fd;
	return setsockopt(sock, SOL_SOCKET, SO_ATTACH_BPF, &fd, sizeof(fd)) ? -errno : 0;
}

/* clang-format off */
const struct step link_steps[] = {
	{ "link-detach", link_detach },
	{ "link-open-write", link_open_write },
	{ "lsm-update", lsm_update },
	{ "lsm-replace", lsm_replace },
	{ "foreign-update", foreign_update },
	{ "attach-again", attach_again },
	{ "tasks-update", tasks_update },
	{ "prog-detach", prog_detach },
	{ "filter-socket", filter_socket },
	{},
};
/* clang-format on */
