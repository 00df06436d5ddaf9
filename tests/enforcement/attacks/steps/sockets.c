/* SPDX-License-Identifier: Apache-2.0 */
/* Steps by which BPF programs change what a process is told of a socket, or reach the sockets of others. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "actor/actor.h"
#include "bpf.h"

/* The root of the cgroup v2 hierarchy: every process of the test machine is below it. */
#define CGROUP "/sys/fs/cgroup"

/* struct bpf_sockopt (include/uapi/linux/bpf.h) */
enum { OPTVAL = 8, OPTVAL_END = 16, OPTNAME = 28 };

/* For everybody the process at the other end of a socket becomes process 1. */
static const struct bpf_insn lie[] = {
	LOAD(BPF_W, BPF_REG_2, BPF_REG_1, OPTNAME),
	MOV_IMM(BPF_REG_3, SO_PEERCRED),
	JUMP_UNLESS_EQUAL(BPF_REG_2, BPF_REG_3, 6),
	LOAD(BPF_DW, BPF_REG_2, BPF_REG_1, OPTVAL),
	LOAD(BPF_DW, BPF_REG_3, BPF_REG_1, OPTVAL_END),
	MOV_REG(BPF_REG_4, BPF_REG_2),
	ADD_IMM(BPF_REG_4, sizeof(pid_t)),
	INSN(BPF_JMP | BPF_JGT | BPF_X, BPF_REG_4, BPF_REG_3, 1, 0),
	STORE_IMM(BPF_W, BPF_REG_2, 0, 1),
	MOV_IMM(BPF_REG_0, 1),
	EXIT(),
};

static int link_to_cgroup(int program, enum bpf_attach_type attach)
{
	union bpf_attr attr = {};
	int cgroup = open(CGROUP, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (cgroup < 0)
		untried("opening " CGROUP, errno);
	attr.link_create.prog_fd = (uint32_t)program;
	attr.link_create.target_fd = (uint32_t)cgroup;
	attr.link_create.attach_type = attach;
	return bpf_call(BPF_LINK_CREATE, &attr);
}

static pid_t peer_of(int socket)
{
	struct ucred peer = {};
	socklen_t size = sizeof(peer);

	return getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) ? -1 : peer.pid;
}

/* lie-peer: from here to the end of this process, and of those that it becomes, SO_PEERCRED names process 1. */
static int lie_peer(char *argument)
{
	const struct program program = {
		.type = BPF_PROG_TYPE_CGROUP_SOCKOPT, .attach = BPF_CGROUP_GETSOCKOPT, .code = lie, .count = COUNT(lie)
	};
	int pair[2], link, r = load_program(&program);

	(void)argument;
	if (r < 0)
		return r;
	link = link_to_cgroup(r, BPF_CGROUP_GETSOCKOPT);
	if (link < 0)
		return link;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) || peer_of(pair[0]) != 1)
		untried("lying about a socket's peer", errno);
	close(pair[0]);
	close(pair[1]);
	return fcntl(link, F_SETFD, 0) ? -errno : 0;
}

static int run_over_all(int program)
{
	union bpf_attr attr = {};
	char text[256];
	int r;

	attr.link_create.prog_fd = (uint32_t)program;
	attr.link_create.attach_type = BPF_TRACE_ITER;
	r = bpf_call(BPF_LINK_CREATE, &attr);
	if (r < 0)
		return r;
	attr = (union bpf_attr){ .iter_create.link_fd = (uint32_t)r };
	r = bpf_call(BPF_ITER_CREATE, &attr);
	if (r < 0)
		return r;
	return read(r, text, sizeof(text)) < 0 ? -errno : 0;
}

/* Is a socket in MAP at PLACE? */
static bool holds_socket(int map, uint32_t place)
{
	uint64_t cookie = 0;
	union bpf_attr attr = {};

	attr.map_fd = (uint32_t)map;
	attr.key = address(&place);
	attr.value = address(&cookie);
	return bpf_call(BPF_MAP_LOOKUP_ELEM, &attr) == 0 && cookie;
}

/*
 * take-sockets[:ITERATOR]: puts a Unix socket of another process into a map of sockets, by whose programs what is sent to it can be
 * changed, or sent elsewhere.  With ITERATOR by a program for that one, whose number the kernel has noted for the other before.
 */
static int take_sockets(char *iterator)
{
	int map = make_map(BPF_MAP_TYPE_SOCKMAP, 4, 8, 1, 0, 0), pair[2], r;
	/* clang-format off */
	const struct bpf_insn code[] = {
		LOAD(BPF_DW, BPF_REG_3, BPF_REG_1, 8), /* struct bpf_iter__unix: unix_sk */
		JUMP_IF_ZERO(BPF_REG_3, 7),
		STORE_IMM(BPF_W, BPF_REG_10, -4, 0),
		LOAD_MAP(BPF_REG_1, map),
		MOV_REG(BPF_REG_2, BPF_REG_10),
		ADD_IMM(BPF_REG_2, -4),
		MOV_IMM(BPF_REG_4, BPF_ANY),
		CALL(BPF_FUNC_map_update_elem),
		MOV_IMM(BPF_REG_0, 0),
		EXIT(),
	};
	/* clang-format on */
	const struct program program = { .type = BPF_PROG_TYPE_TRACING,
					 .attach = BPF_TRACE_ITER,
					 .function = type_of_function(*iterator ? iterator : "bpf_iter_unix"),
					 .code = code,
					 .count = COUNT(code) };

	if (map < 0)
		return map;
	if (*iterator)
		note_iterator("bpf_iter_unix", iterator);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		untried("making a pair of sockets", errno);
	r = load_program(&program);
	if (r >= 0)
		r = run_over_all(r);
	if (r < 0)
		return r;
	return holds_socket(map, 0) ? 0 : -ENOENT;
}

const struct step socket_map_steps[] = {
	{ "lie-peer", lie_peer },
	{ "take-sockets", take_sockets },
	{},
};
