/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Steps in which a BPF program of the attacker answers before the policy does, or changes its decision.
 *
 *   answer-then:HOOK:STEP       an LSM program on HOOK whose result is 1 << 32: not 0 for the trampoline, which skips the policy's
 *                               program then, and 0 for the caller, who looks at the low half
 *   unsecure-exec:CLIENT        an LSM program on bprm_committing_creds takes AT_SECURE away; CLIENT with a library of another
 *   extend:KIND                 an extension (freplace) of a program of the attacker's own: "lsm" or "filter"
 *   restrict-fs:HOOK[:PIN]      a program of the shape of systemd's RestrictFileSystems=: looks into a map; it stays by its pin
 */
#include <errno.h>
#include <linux/btf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "actor/actor.h"
#include "bpf.h"

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

static int attach_to_hook(const char *hook, const struct bpf_insn *code, uint32_t count)
{
	int function = type_of_function(hook);
	const struct program program = {
		.type = BPF_PROG_TYPE_LSM, .attach = BPF_LSM_MAC, .function = function, .code = code, .count = count
	};

	if (function < 0)
		untried(hook, -function);
	return attach(load_program(&program));
}

static const struct bpf_insn high_half[] = { LOAD_IMM64(BPF_REG_0, 1ULL << 32), EXIT() };

static int answer_then(char *hook)
{
	char *step = second(hook);
	int r = attach_to_hook(hook, high_half, COUNT(high_half));

	return r ? r : run_step(step);
}

/* Through a child, because a link's descriptor does not outlive an exec. */
static int client_beside(const char *client, char **chain)
{
	pid_t pid = fork();

	if (pid == 0) {
		execute(client, chain);
		untried(client, errno);
	}
	if (pid < 0)
		return -errno;
	end_like(pid);
}

static int unsecure_exec(char *client)
{
	/* clang-format off */
	static const struct bpf_insn code[] = {
		LOAD(BPF_DW, BPF_REG_1, BPF_REG_1, 0), MOV_IMM(BPF_REG_2, 0), CALL(BPF_FUNC_bprm_opts_set), MOV_IMM(BPF_REG_0, 0), EXIT(),
	};
	/* clang-format on */
	int r = attach_to_hook("bpf_lsm_bprm_committing_creds", code, COUNT(code));

	if (r)
		return r;
	setenv("LD_LIBRARY_PATH", "/enf/intruder", 1);
	return client_beside(client, (char *[]){ (char *)"open:/dev/kvm", NULL });
}

/* --- extensions ---------------------------------------------------------------------------------------------------- */

/* Types: int judge(int), which a program of the attacker's own calls, and which the extension replaces. */
enum { TYPE_INT = 1, TYPE_JUDGE_PROTO, TYPE_JUDGE, TYPE_U64, TYPE_CONTEXT, TYPE_MAIN_PROTO, TYPE_MAIN };

struct types {
	struct btf_header header;
	uint32_t words[36];
	char strings[32];
};

#define INFO(kind, members) ((uint32_t)(kind) << 24 | (members))
static const struct types types = {
	.header = { .magic = BTF_MAGIC, .version = BTF_VERSION, .hdr_len = sizeof(struct btf_header),
		    .type_len = sizeof(((struct types *)0)->words), .str_off = sizeof(((struct types *)0)->words),
		    .str_len = sizeof(((struct types *)0)->strings) },
	/* name, info, size or type, what follows; the names are "int", "value", "judge", "u64", "main" */
	.words = {
		1, INFO(BTF_KIND_INT, 0), 4, BTF_INT_SIGNED << 24 | 32,
		0, INFO(BTF_KIND_FUNC_PROTO, 1), TYPE_INT, 5, TYPE_INT,
		11, INFO(BTF_KIND_FUNC, BTF_FUNC_GLOBAL), TYPE_JUDGE_PROTO,
		17, INFO(BTF_KIND_INT, 0), 8, 64,
		0, INFO(BTF_KIND_PTR, 0), TYPE_U64,
		0, INFO(BTF_KIND_FUNC_PROTO, 1), TYPE_INT, 5, TYPE_CONTEXT,
		21, INFO(BTF_KIND_FUNC, BTF_FUNC_GLOBAL), TYPE_MAIN_PROTO,
		/* the rest, so that the size is a round number */
		0, INFO(BTF_KIND_PTR, 0), TYPE_INT, 0, INFO(BTF_KIND_PTR, 0), TYPE_INT, 0, INFO(BTF_KIND_PTR, 0), TYPE_INT,
	},
	.strings = "\0int\0value\0judge\0u64\0main",
};

static int load_types(void)
{
	union bpf_attr attr = {};
	int fd;

	attr.btf = address(&types);
	attr.btf_size = sizeof(types);
	fd = bpf_call(BPF_BTF_LOAD, &attr);
	if (fd == -EPERM)
		return fd;
	if (fd < 0)
		untried("loading types", -fd);
	return fd;
}

static int load_with_types(union bpf_attr *attr, const struct bpf_insn *code, uint32_t count,
			   const struct bpf_func_info *functions, uint32_t function_count, int btf)
{
	attr->insns = address(code);
	attr->insn_cnt = count;
	attr->license = address("GPL");
	attr->prog_btf_fd = (uint32_t)btf;
	attr->func_info = address(functions);
	attr->func_info_cnt = function_count;
	attr->func_info_rec_size = sizeof(functions[0]);
	return bpf_call(BPF_PROG_LOAD, attr);
}

static int extend(char *kind)
{
	static const struct bpf_insn target_code[] = {
		MOV_IMM(BPF_REG_1, 1),         INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, 2),
		MOV_IMM(BPF_REG_0, 0),         EXIT(),
		MOV_REG(BPF_REG_0, BPF_REG_1), EXIT(),
	};
	static const struct bpf_func_info target_functions[] = { { 0, TYPE_MAIN }, { 4, TYPE_JUDGE } };
	static const struct bpf_insn code[] = { MOV_IMM(BPF_REG_0, 0), EXIT() };
	static const struct bpf_func_info functions[] = { { 0, TYPE_JUDGE } };
	union bpf_attr target = { .prog_type = BPF_PROG_TYPE_SOCKET_FILTER },
		       extension = { .prog_type = BPF_PROG_TYPE_EXT };
	int btf = load_types(), fd;

	if (btf < 0)
		return btf;
	if (!strcmp(kind, "lsm")) {
		target.prog_type = BPF_PROG_TYPE_LSM;
		target.expected_attach_type = BPF_LSM_MAC;
		target.attach_btf_id = (uint32_t)type_of_function("bpf_lsm_path_mkdir");
	}
	fd = load_with_types(&target, target_code, COUNT(target_code), target_functions, COUNT(target_functions), btf);
	if (fd < 0)
		return fd; /* the seal of a kernel before 6.12 refuses this one already */
	extension.attach_prog_fd = (uint32_t)fd;
	extension.attach_btf_id = TYPE_JUDGE;
	fd = load_with_types(&extension, code, COUNT(code), functions, COUNT(functions), btf);
	return fd < 0 ? fd : 0;
}

/* --- what systemd does ---------------------------------------------------------------------------------------------- */

static int restrict_fs(char *hook)
{
	const char *pin = second(hook);
	union bpf_attr attr = {};
	int function = type_of_function(hook), link;
	int map = make_map(BPF_MAP_TYPE_HASH, 4, 4, 16, 0, 0);
	const struct bpf_insn code[] = {
		LOAD(BPF_DW, BPF_REG_6, BPF_REG_1, 0), /* the hook's first argument */
		STORE_IMM(BPF_W, BPF_REG_10, -4, 0),
		LOAD_MAP(BPF_REG_1, map),
		MOV_REG(BPF_REG_2, BPF_REG_10),
		ADD_IMM(BPF_REG_2, -4),
		CALL(BPF_FUNC_map_lookup_elem),
		MOV_IMM(BPF_REG_0, 0),
		EXIT(),
	};

	if (map < 0)
		return map;
	attr.raw_tracepoint.prog_fd = (uint32_t)load_program(&(const struct program){ .type = BPF_PROG_TYPE_LSM,
										      .attach = BPF_LSM_MAC,
										      .function = function,
										      .code = code,
										      .count = COUNT(code) });
	if ((int)attr.raw_tracepoint.prog_fd < 0)
		return (int)attr.raw_tracepoint.prog_fd;
	link = bpf_call(BPF_RAW_TRACEPOINT_OPEN, &attr);
	if (link < 0 || !*pin)
		return link < 0 ? link : 0;
	attr = (union bpf_attr){ .pathname = address(pin), .bpf_fd = (uint32_t)link };
	return bpf_call(BPF_OBJ_PIN, &attr);
}

const struct step answer_steps[] = {
	{ "answer-then", answer_then },
	{ "unsecure-exec", unsecure_exec },
	{ "extend", extend },
	{ "restrict-fs", restrict_fs },
	{},
};
