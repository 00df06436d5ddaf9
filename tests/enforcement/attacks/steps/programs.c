/* SPDX-License-Identifier: Apache-2.0 */
/* Steps that load BPF programs which use the policy's maps, attach to its programs, or answer in their place. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <early_vm/program_types.h>

#include "actor/actor.h"
#include "bpf.h"

static const struct bpf_insn nothing[] = { MOV_IMM(BPF_REG_0, 0), EXIT() };

/* program-with:WAY:MAP: a socket filter that names the map. */
static int program_with(char *way)
{
	int map = open_map_by(way, second(way)), r;
	const struct bpf_insn code[] = { LOAD_MAP(BPF_REG_1, map), MOV_IMM(BPF_REG_0, 0), EXIT() };
	const struct program program = { .type = BPF_PROG_TYPE_SOCKET_FILTER, .code = code, .count = COUNT(code) };

	if (map < 0)
		return map;
	r = load_program(&program);
	return r < 0 ? r : 0;
}

static int run_program(int fd)
{
	union bpf_attr attr = {};

	attr.test.prog_fd = (uint32_t)fd;
	return bpf_call(BPF_PROG_TEST_RUN, &attr);
}

/* A program for system calls that gives the task at address 0 a label of zeros; the entry is taken away again. */
static int program_labels(char *argument)
{
	int map = open_map_by("id-read", "labels"), r;
	/* clang-format off */
	const struct bpf_insn code[] = {
		STORE_IMM(BPF_DW, BPF_REG_10, -8, 0),  STORE_IMM(BPF_DW, BPF_REG_10, -16, 0),
		STORE_IMM(BPF_DW, BPF_REG_10, -24, 0), STORE_IMM(BPF_DW, BPF_REG_10, -32, 0),
		LOAD_MAP(BPF_REG_1, map),              MOV_REG(BPF_REG_2, BPF_REG_10),
		ADD_IMM(BPF_REG_2, -8),                MOV_REG(BPF_REG_3, BPF_REG_10),
		ADD_IMM(BPF_REG_3, -32),               MOV_IMM(BPF_REG_4, BPF_ANY),
		CALL(BPF_FUNC_map_update_elem),        LOAD_MAP(BPF_REG_1, map),
		MOV_REG(BPF_REG_2, BPF_REG_10),        ADD_IMM(BPF_REG_2, -8),
		CALL(BPF_FUNC_map_delete_elem),        MOV_IMM(BPF_REG_0, 0),
		EXIT(),
	};
	/* clang-format on */
	const struct program program = {
		.type = BPF_PROG_TYPE_SYSCALL, .flags = BPF_F_SLEEPABLE, .code = code, .count = COUNT(code)
	};

	(void)argument;
	if (map < 0)
		return map;
	r = load_program(&program);
	return r < 0 ? r : run_program(r);
}

static int bind_map(int program, int map)
{
	union bpf_attr attr = { .prog_bind_map = { .prog_fd = (uint32_t)program, .map_fd = (uint32_t)map } };

	return bpf_call(BPF_PROG_BIND_MAP, &attr);
}

/* program-bound:MAP: the map bound to a program that does not name it. */
static int program_bound(char *name)
{
	const struct program program = { .type = BPF_PROG_TYPE_SOCKET_FILTER,
					 .code = nothing,
					 .count = COUNT(nothing) };
	int map = open_map_by("id", name), fd = map < 0 ? map : load_program(&program);

	return fd < 0 ? fd : bind_map(fd, map);
}

static int open_again(int program)
{
	struct bpf_prog_info info = {};
	union bpf_attr attr = {
		.info = { .bpf_fd = (uint32_t)program, .info_len = sizeof(info), .info = address(&info) }
	};

	if (bpf_call(BPF_OBJ_GET_INFO_BY_FD, &attr))
		untried("looking at a program", EINVAL);
	attr = (union bpf_attr){ .prog_id = info.id };
	return bpf_call(BPF_PROG_GET_FD_BY_ID, &attr);
}

/* program-bound-many:MAP: the same behind as many others as a program can name; then the program is opened by its number. */
static int program_bound_many(char *name)
{
	enum { OTHERS = 64 };
	const struct program program = { .type = BPF_PROG_TYPE_SOCKET_FILTER,
					 .code = nothing,
					 .count = COUNT(nothing) };
	int map = open_map_by("id", name), fd = map < 0 ? map : load_program(&program), r;

	if (fd < 0)
		return fd;
	for (int i = 0; i < OTHERS; i++) {
		int other = make_map(BPF_MAP_TYPE_ARRAY, 4, 4, 1, 0, 0);

		if (other < 0 || bind_map(fd, other))
			untried("binding an ordinary map", other < 0 ? -other : EINVAL);
		close(other);
	}
	r = bind_map(fd, map);
	if (r)
		return r;
	r = open_again(fd);
	return r < 0 ? r : 0;
}

static int attach(int fd)
{
	union bpf_attr attr = {};
	int r;

	if (fd < 0)
		return fd;
	attr.raw_tracepoint.prog_fd = (uint32_t)fd;
	r = bpf_call(BPF_RAW_TRACEPOINT_OPEN, &attr);
	return r < 0 ? r : 0;
}

/* A program that does nothing on the policy's program NAME. */
static int on_program(enum bpf_prog_type type, enum bpf_attach_type how, const char *name)
{
	int target = open_program(name), function = target < 0 ? target : type_of_program(target, name);
	const struct program program = { .type = type,
					 .attach = how,
					 .function = function,
					 .target = target,
					 .code = nothing,
					 .count = COUNT(nothing) };

	if (function < 0)
		return function;
	return attach(load_program(&program));
}

static int replace_program(char *name)
{
	return on_program(BPF_PROG_TYPE_EXT, 0, name);
}

static int enter_program(char *name)
{
	return on_program(BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY, name);
}

static int leave_program(char *name)
{
	return on_program(BPF_PROG_TYPE_TRACING, BPF_TRACE_FEXIT, name);
}

static int modify_program(char *name)
{
	return on_program(BPF_PROG_TYPE_TRACING, BPF_MODIFY_RETURN, name);
}

static int load_on_function(enum bpf_prog_type type, enum bpf_attach_type how, const char *name)
{
	int function = type_of_function(name);
	const struct program program = {
		.type = type, .attach = how, .function = function, .code = nothing, .count = COUNT(nothing)
	};

	if (function < 0)
		untried(name, -function);
	return load_program(&program);
}

/* modify:FUNCTION: fmod_ret; its answer counts, and what comes after it is skipped where it is not 0. */
static int modify(char *name)
{
	return attach(load_on_function(BPF_PROG_TYPE_TRACING, BPF_MODIFY_RETURN, name));
}

/* enter:FUNCTION, leave:FUNCTION: fentry and fexit of the kernel's own. */
static int enter(char *name)
{
	return attach(load_on_function(BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY, name));
}

static int leave(char *name)
{
	return attach(load_on_function(BPF_PROG_TYPE_TRACING, BPF_TRACE_FEXIT, name));
}

/* lsm:HOOK: an LSM program that is asked before the policy's. */
static int lsm(char *name)
{
	return attach(load_on_function(BPF_PROG_TYPE_LSM, BPF_LSM_MAC, name));
}

/* lsm-answer:HOOK: an LSM program that answers a positive number.  Loaded and not attached: all processes would get that answer. */
static int lsm_answer(char *name)
{
	static const struct bpf_insn code[] = { MOV_IMM(BPF_REG_0, 0x10000), EXIT() };
	int function = type_of_function(name), r;
	const struct program program = { .type = BPF_PROG_TYPE_LSM,
					 .attach = BPF_LSM_MAC,
					 .function = function,
					 .code = code,
					 .count = COUNT(code) };

	if (function < 0)
		untried(name, -function);
	r = load_program(&program);
	return r < 0 ? r : 0;
}

/* lsm-cgroup:HOOK: the same for all tasks of the root control group, with a positive answer. */
static int lsm_cgroup(char *name)
{
	static const struct bpf_insn code[] = { MOV_IMM(BPF_REG_0, 1), EXIT() };
	int function = type_of_function(name), group = open("/sys/fs/cgroup", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const struct program program = { .type = BPF_PROG_TYPE_LSM,
					 .attach = BPF_LSM_CGROUP,
					 .function = function,
					 .code = code,
					 .count = COUNT(code) };
	union bpf_attr attr = {};
	int r;

	if (function < 0 || group < 0)
		untried(name, ENOENT);
	r = load_program(&program);
	if (r < 0)
		return r;
	attr.link_create.prog_fd = (uint32_t)r;
	attr.link_create.target_fd = (uint32_t)group;
	attr.link_create.attach_type = BPF_LSM_CGROUP;
	r = bpf_call(BPF_LINK_CREATE, &attr);
	return r < 0 ? r : 0;
}

/* A tracing program that may answer for the function that it is on. */
static int override_return(char *argument)
{
	static const struct bpf_insn code[] = { MOV_IMM(BPF_REG_2, 0), CALL(BPF_FUNC_override_return),
						MOV_IMM(BPF_REG_0, 0), EXIT() };
	const struct program program = { .type = BPF_PROG_TYPE_KPROBE, .code = code, .count = COUNT(code) };
	int r = load_program(&program);

	(void)argument;
	return r < 0 ? r : 0;
}

/* set-registers: a program that sets a register of the task in which a uprobe is hit. */
static int set_registers(char *argument)
{
	static const struct bpf_insn code[] = { MOV_IMM(BPF_REG_2, 0), STORE(BPF_DW, BPF_REG_1, BPF_REG_2, 0),
						MOV_IMM(BPF_REG_0, 0), EXIT() };
	const struct program program = { .type = BPF_PROG_TYPE_KPROBE, .code = code, .count = COUNT(code) };
	int r = load_program(&program);

	(void)argument;
	return r < 0 ? r : 0;
}

/* An LSM program on HOOK that calls the policy's program NAME.  Its descriptor, or a negative errno. */
static int load_caller(const char *name, const char *hook)
{
	int target = open_program(name), table = target < 0 ? target : make_map(BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 1, 0, 0);
	int function = table < 0 ? table : type_of_function(hook), slot = 0, fd, r;
	/* clang-format off */
	const struct bpf_insn code[] = {
		LOAD_MAP(BPF_REG_2, table), MOV_IMM(BPF_REG_3, 0), CALL(BPF_FUNC_tail_call), MOV_IMM(BPF_REG_0, 0), EXIT(),
	};
	/* clang-format on */
	const struct program program = { .type = BPF_PROG_TYPE_LSM,
					 .attach = BPF_LSM_MAC,
					 .function = function,
					 .code = code,
					 .count = COUNT(code) };
	union bpf_attr attr = {};

	if (function < 0)
		return function;
	fd = load_program(&program);
	if (fd < 0)
		return fd;
	attr.map_fd = (uint32_t)table;
	attr.key = address(&slot);
	attr.value = address(&target);
	r = bpf_call(BPF_MAP_UPDATE_ELEM, &attr);
	return r < 0 ? r : fd;
}

/* call-program:NAME:HOOK: tail calls into the policy's program, from the hook that it is for or from another. */
static int call_program(char *name)
{
	return attach(load_caller(name, second(name)));
}

/* hold-program:NAME: it lies in a table of programs, which nobody calls yet, so that it could be of any kind. */
static int hold_program(char *name)
{
	int target = open_program(name), table = target < 0 ? target : make_map(BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 1, 0, 0),
	    slot = 0;
	union bpf_attr attr = {};

	attr.map_fd = (uint32_t)table;
	attr.key = address(&slot);
	attr.value = address(&target);
	return table < 0 ? table : bpf_call(BPF_MAP_UPDATE_ELEM, &attr);
}

/* Is it in the closed list?  BPF_PROG_TYPE_UNSPEC is no type, nor are fields named like one ("..._prog"). */
static int is_listed_type(const char *name)
{
	static const char *const listed[] = { "BPF_PROG_TYPE_UNSPEC",
#define TYPE_NAME(name, ...) "BPF_PROG_TYPE_" #name,
					      EVM_PROGRAM_TYPES(TYPE_NAME)
#undef TYPE_NAME
	};

	for (const char *c = name; *c; c++)
		if (islower((unsigned char)*c))
			return 0;
	for (size_t i = 0; i < COUNT(listed); i++)
		if (!strcmp(listed[i], name))
			return 0;
	printf("%s is in no row of early_vm/program_types.h\n", name);
	return -ENOENT;
}

/* program-types: has somebody judged each type of BPF programs that this kernel has? */
static int program_types(char *argument)
{
	(void)argument;
	return for_each_type_name("BPF_PROG_TYPE_", is_listed_type);
}

const struct step program_steps[] = {
	{ "program-with", program_with },
	{ "program-labels", program_labels },
	{ "program-bound", program_bound },
	{ "program-bound-many", program_bound_many },
	{ "replace-program", replace_program },
	{ "enter-program", enter_program },
	{ "leave-program", leave_program },
	{ "modify-program", modify_program },
	{ "call-program", call_program },
	{ "hold-program", hold_program },
	{ "modify", modify },
	{ "enter", enter },
	{ "leave", leave },
	{ "lsm", lsm },
	{ "lsm-answer", lsm_answer },
	{ "lsm-cgroup", lsm_cgroup },
	{ "override-return", override_return },
	{ "set-registers", set_registers },
	{ "program-types", program_types },
	{},
};
