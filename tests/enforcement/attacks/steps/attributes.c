/* SPDX-License-Identifier: Apache-2.0 */
/*
 * program-xattr:FILE: an LSM program that sets an extended attribute of FILE by a function of the kernel (bpf_set_dentry_xattr), which
 * asks no hook.  It takes names that begin with "security.bpf." alone.
 */
#include <errno.h>
#include <sys/xattr.h>

#include "actor/actor.h"
#include "bpf.h"

#define ATTRIBUTE "security.bpf.x"

enum { BYTES = 16, VALUE_BYTES = 8, DYNPTR_FROM_MEM = 197 /* include/uapi/linux/bpf.h */ };
#define LOAD_VALUE(d, fd) INSN(BPF_LD | BPF_DW | BPF_IMM, d, BPF_PSEUDO_MAP_VALUE, 0, fd), INSN(0, 0, 0, 0, 0)
#define CALL_KERNEL(f) INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_KFUNC_CALL, 0, f)

/* A constant text for programs.  A descriptor, or a negative errno. */
static int make_text(const char text[BYTES])
{
	int fd = make_map(BPF_MAP_TYPE_ARRAY, 4, BYTES, 1, BPF_F_RDONLY_PROG, 0), slot = 0, r;
	union bpf_attr attr = {};

	if (fd < 0)
		return fd;
	attr.map_fd = (uint32_t)fd;
	attr.key = address(&slot);
	attr.value = address(text);
	r = bpf_call(BPF_MAP_UPDATE_ELEM, &attr);
	attr = (union bpf_attr){ .map_fd = (uint32_t)fd };
	if (!r)
		r = bpf_call(BPF_MAP_FREEZE, &attr);
	return r ? r : fd;
}

/* On the hook of getxattr(2), which gets the file's dentry.  A descriptor, or a negative errno. */
static int load_setter(int setter)
{
	static const char name[BYTES] = ATTRIBUTE;
	int text = make_text(name), value = make_map(BPF_MAP_TYPE_ARRAY, 4, BYTES, 1, 0, 0);
	/* clang-format off */
	const struct bpf_insn code[] = {
		LOAD(BPF_DW, BPF_REG_6, BPF_REG_1, 0),
		LOAD_VALUE(BPF_REG_1, value), MOV_IMM(BPF_REG_2, VALUE_BYTES), MOV_IMM(BPF_REG_3, 0),
		MOV_REG(BPF_REG_4, BPF_REG_10), ADD_IMM(BPF_REG_4, -16), CALL(DYNPTR_FROM_MEM),
		MOV_REG(BPF_REG_1, BPF_REG_6), LOAD_VALUE(BPF_REG_2, text),
		MOV_REG(BPF_REG_3, BPF_REG_10), ADD_IMM(BPF_REG_3, -16), MOV_IMM(BPF_REG_4, 0), CALL_KERNEL(setter),
		MOV_IMM(BPF_REG_0, 0), EXIT(),
	};
	/* clang-format on */
	const struct program program = { .type = BPF_PROG_TYPE_LSM,
					 .attach = BPF_LSM_MAC,
					 .flags = BPF_F_SLEEPABLE,
					 .function = type_of_function("bpf_lsm_inode_getxattr"),
					 .code = code,
					 .count = COUNT(code) };

	if (text < 0 || value < 0)
		return text < 0 ? text : value;
	return load_program(&program);
}

static int program_xattr(char *path)
{
	int setter = type_of_function("bpf_set_dentry_xattr"), r;
	union bpf_attr attr = {};
	char value[BYTES];

	if (setter < 0)
		return -EINVAL;
	r = load_setter(setter);
	if (r < 0)
		return r;
	attr.raw_tracepoint.prog_fd = (uint32_t)r;
	r = bpf_call(BPF_RAW_TRACEPOINT_OPEN, &attr);
	if (r < 0)
		return r;
	getxattr(path, "security.other", value, sizeof(value)); /* calls the hook */
	return getxattr(path, ATTRIBUTE, value, sizeof(value)) == VALUE_BYTES ? 0 : -errno;
}

const struct step attribute_steps[] = {
	{ "program-xattr", program_xattr },
	{},
};
