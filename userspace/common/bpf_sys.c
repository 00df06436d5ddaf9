/* SPDX-License-Identifier: Apache-2.0 */
#include "common/bpf_sys.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/number.h"

int bpf_sys_call(int command, void *attr, uint32_t bytes)
{
	long r = syscall(SYS_bpf, command, attr, bytes);

	return r < 0 ? -errno : (int)r;
}

static int bpf_sys(enum bpf_cmd command, union bpf_attr *attr)
{
	return bpf_sys_call(command, attr, sizeof(*attr));
}

static uint64_t pointer(const void *p)
{
	return (uint64_t)(uintptr_t)p;
}

/* A program that returns ANSWER. */
static int load_answer(enum bpf_prog_type type, uint32_t attach_type, uint32_t function, int32_t answer)
{
	const struct bpf_insn program[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = answer },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attr = {
		.prog_type = type,
		.expected_attach_type = attach_type,
		.attach_btf_id = function,
		.insn_cnt = sizeof(program) / sizeof(program[0]),
		.insns = pointer(program),
		.license = pointer("GPL"),
	};

	return bpf_sys(BPF_PROG_LOAD, &attr);
}

int bpf_sys_load_empty(uint32_t attach_type, uint32_t function)
{
	return load_answer(BPF_PROG_TYPE_TRACING, attach_type, function, 0);
}

int bpf_sys_load_lsm(uint32_t function, int32_t answer)
{
	return load_answer(BPF_PROG_TYPE_LSM, BPF_LSM_MAC, function, answer);
}

int bpf_sys_attach(int prog_fd)
{
	union bpf_attr attr = {};

	attr.raw_tracepoint.prog_fd = (uint32_t)prog_fd;
	return bpf_sys(BPF_RAW_TRACEPOINT_OPEN, &attr);
}

static int iter_link(int prog_fd, union bpf_iter_link_info info)
{
	union bpf_attr attr = {};

	attr.link_create.prog_fd = (uint32_t)prog_fd;
	attr.link_create.attach_type = BPF_TRACE_ITER;
	attr.link_create.iter_info = pointer(&info);
	attr.link_create.iter_info_len = sizeof(info);
	return bpf_sys(BPF_LINK_CREATE, &attr);
}

int bpf_sys_iter_link(int prog_fd, pid_t pid)
{
	return iter_link(prog_fd, (union bpf_iter_link_info){ .task.pid = (uint32_t)pid });
}

int bpf_sys_iter_map_link(int prog_fd, int map_fd)
{
	return iter_link(prog_fd, (union bpf_iter_link_info){ .map.map_fd = (uint32_t)map_fd });
}

int bpf_sys_iter_create(int link_fd)
{
	union bpf_attr attr = {};

	attr.iter_create.link_fd = (uint32_t)link_fd;
	return bpf_sys(BPF_ITER_CREATE, &attr);
}

int bpf_sys_pin(int fd, const char *path)
{
	union bpf_attr attr = {};

	attr.pathname = pointer(path);
	attr.bpf_fd = (uint32_t)fd;
	return bpf_sys(BPF_OBJ_PIN, &attr);
}

int bpf_sys_get(const char *path, uint32_t flags)
{
	union bpf_attr attr = {};

	attr.pathname = pointer(path);
	attr.file_flags = flags;
	return bpf_sys(BPF_OBJ_GET, &attr);
}

int bpf_sys_map_freeze(int map_fd)
{
	union bpf_attr attr = {};

	attr.map_fd = (uint32_t)map_fd;
	return bpf_sys(BPF_MAP_FREEZE, &attr);
}

int bpf_sys_map_set(int map_fd, const void *key, const void *value)
{
	union bpf_attr attr = {};

	attr.map_fd = (uint32_t)map_fd;
	attr.key = pointer(key);
	attr.value = pointer(value);
	return bpf_sys(BPF_MAP_UPDATE_ELEM, &attr);
}

int bpf_sys_map_delete(int map_fd, const void *key)
{
	union bpf_attr attr = {};

	attr.map_fd = (uint32_t)map_fd;
	attr.key = pointer(key);
	return bpf_sys(BPF_MAP_DELETE_ELEM, &attr);
}

int bpf_sys_map_get(int map_fd, const void *key, void *ret_value)
{
	union bpf_attr attr = {};

	attr.map_fd = (uint32_t)map_fd;
	attr.key = pointer(key);
	attr.value = pointer(ret_value);
	return bpf_sys(BPF_MAP_LOOKUP_ELEM, &attr);
}

int bpf_sys_map_next(int map_fd, const void *key, void *ret_key)
{
	union bpf_attr attr = {};

	attr.map_fd = (uint32_t)map_fd;
	attr.key = pointer(key);
	attr.next_key = pointer(ret_key);
	return bpf_sys(BPF_MAP_GET_NEXT_KEY, &attr);
}

int bpf_sys_processors(size_t *ret)
{
	_cleanup_close_ int fd = open("/sys/devices/system/cpu/possible", O_RDONLY | O_CLOEXEC);
	char list[256];
	const char *last = list;
	uint32_t number;
	ssize_t n = fd < 0 ? -1 : read(fd, list, sizeof(list) - 1);

	if (n < 0)
		return -errno;
	list[n] = '\0';
	/* "0", or ranges of which the last one ends the list: "0-3,8-11" */
	for (const char *mark = list; (mark = strpbrk(mark, "-,"));)
		last = ++mark;
	if (number_take(&last, UINT16_MAX, &number) < 0)
		return -EBADMSG;
	*ret = number + 1;
	return 0;
}

int bpf_sys_info(int fd, void *info, uint32_t bytes)
{
	union bpf_attr attr = {};

	attr.info.bpf_fd = (uint32_t)fd;
	attr.info.info_len = bytes;
	attr.info.info = pointer(info);
	return bpf_sys(BPF_OBJ_GET_INFO_BY_FD, &attr);
}

/* The IDs of all kinds of objects stand in one place of the call's arguments, as do the next ones. */
static int open_by_id(enum bpf_cmd command, uint32_t id, uint32_t flags)
{
	union bpf_attr attr = {};

	attr.prog_id = id;
	attr.open_flags = flags;
	return bpf_sys(command, &attr);
}

static int next_id(enum bpf_cmd command, uint32_t after, uint32_t *ret_id)
{
	union bpf_attr attr = {};
	int r;

	attr.start_id = after;
	r = bpf_sys(command, &attr);
	if (!r)
		*ret_id = attr.next_id;
	return r;
}

int bpf_sys_program(uint32_t id)
{
	return open_by_id(BPF_PROG_GET_FD_BY_ID, id, 0);
}

int bpf_sys_next_program(uint32_t after, uint32_t *ret_id)
{
	return next_id(BPF_PROG_GET_NEXT_ID, after, ret_id);
}

int bpf_sys_link(uint32_t id)
{
	return open_by_id(BPF_LINK_GET_FD_BY_ID, id, 0);
}

int bpf_sys_next_link(uint32_t after, uint32_t *ret_id)
{
	return next_id(BPF_LINK_GET_NEXT_ID, after, ret_id);
}

int bpf_sys_map(uint32_t id, uint32_t flags)
{
	return open_by_id(BPF_MAP_GET_FD_BY_ID, id, flags);
}

int bpf_sys_btf(uint32_t id)
{
	return open_by_id(BPF_BTF_GET_FD_BY_ID, id, 0);
}

int bpf_sys_next_btf(uint32_t after, uint32_t *ret_id)
{
	return next_id(BPF_BTF_GET_NEXT_ID, after, ret_id);
}
