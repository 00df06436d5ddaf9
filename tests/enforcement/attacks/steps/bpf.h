/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the attacks on the policy's programs, maps and links share: bpf(2) calls, programs written by hand, type numbers.
 *
 * For test machines only.  Nothing here owns memory; descriptors belong to the caller, and end with the process.
 */
#ifndef ENFORCEMENT_ATTACKS_BPF_H
#define ENFORCEMENT_ATTACKS_BPF_H

#include <linux/bpf.h>
#include <stddef.h>
#include <stdint.h>

/* bpf(2): what it returns, or a negative errno. */
int bpf_call(enum bpf_cmd command, union bpf_attr *attr);

static inline uint64_t address(const void *pointer)
{
	return (uint64_t)(uintptr_t)pointer;
}

/* The pin NAME, opened with FLAGS (BPF_F_RDONLY and such).  A descriptor or a negative errno. */
int open_pin(const char *name, uint32_t flags);

/* The policy's map NAME, opened in one of the ways "pin", "pin-read", "id", "id-read".  A descriptor or a negative errno. */
int open_map_by(const char *way, const char *name);

/* The policy's program NAME, found through its pinned link.  A descriptor or a negative errno. */
int open_program(const char *name);

/* The policy's link NAME, opened by "pin" or by "id".  A descriptor or a negative errno. */
int open_link_by(const char *way, const char *name);

/* The number of the function NAME in the kernel's types (type_of_program: in those of the program FD), or a negative errno. */
int type_of_function(const char *name);
int type_of_program(int fd, const char *name);

/* CHECK for each name in the kernel's types that begins with PREFIX, until it returns another value than 0, which is returned. */
int for_each_type_name(const char *prefix, int (*check)(const char *name));

/* A program to load.  Its licence is the GPL. */
struct program {
	enum bpf_prog_type type;
	enum bpf_attach_type attach;
	int function; /* number of the function to attach to, 0 for none */
	int target;   /* descriptor of the program that has that function, 0: the kernel has it */
	uint32_t flags;
	const struct bpf_insn *code;
	uint32_t count;
};

int load_program(const struct program *program);

/* From now on programs are loaded and maps made with the rights of this BPF token. */
void use_token(int fd);

/* An unnamed map; INNER: descriptor of a map for maps of maps, or 0. */
int make_map(uint32_t type, uint32_t key, uint32_t value, uint32_t entries, uint32_t flags, int inner);

/* A map that the kernel takes for one like INFO's: also the types of key and value are the same. */
int make_map_like(const struct bpf_map_info *info);

/*
 * Makes the kernel note the number of the function ITERATOR for the iterator NAME, by a program that its verifier refuses after that.
 * -EACCES: it is noted; or another negative errno.
 */
int note_iterator(const char *name, const char *iterator);

/* Instructions, in the words of include/linux/filter.h. */
#define INSN(c, d, s, o, i) ((struct bpf_insn){ .code = (c), .dst_reg = (d), .src_reg = (s), .off = (o), .imm = (i) })
#define MOV_IMM(d, i) INSN(BPF_ALU64 | BPF_MOV | BPF_K, d, 0, 0, i)
#define MOV_REG(d, s) INSN(BPF_ALU64 | BPF_MOV | BPF_X, d, s, 0, 0)
#define ADD_IMM(d, i) INSN(BPF_ALU64 | BPF_ADD | BPF_K, d, 0, 0, i)
#define LOAD(size, d, s, o) INSN(BPF_LDX | (size) | BPF_MEM, d, s, o, 0)
#define STORE(size, d, s, o) INSN(BPF_STX | (size) | BPF_MEM, d, s, o, 0)
#define STORE_IMM(size, d, o, i) INSN(BPF_ST | (size) | BPF_MEM, d, 0, o, i)
#define LOAD_MAP(d, fd) INSN(BPF_LD | BPF_DW | BPF_IMM, d, BPF_PSEUDO_MAP_FD, 0, fd), INSN(0, 0, 0, 0, 0)
#define JUMP_IF_ZERO(d, o) INSN(BPF_JMP | BPF_JEQ | BPF_K, d, 0, o, 0)
#define JUMP_UNLESS_EQUAL(d, s, o) INSN(BPF_JMP | BPF_JNE | BPF_X, d, s, o, 0)
#define LOAD_IMM64(d, v) INSN(BPF_LD | BPF_DW | BPF_IMM, d, 0, 0, (int32_t)(v)), INSN(0, 0, 0, 0, (int32_t)((uint64_t)(v) >> 32))
#define CALL(f) INSN(BPF_JMP | BPF_CALL, 0, 0, 0, f)
#define EXIT() INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
