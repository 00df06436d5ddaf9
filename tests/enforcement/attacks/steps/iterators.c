/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Steps with BPF iterators over the values of the policy's maps, which write them where they lie; some pass for another iterator.
 *
 * The kernel knows an iterator by the number of its function in the kernel's types, which it notes when it verifies a program for it,
 * and then finds the iterator of a link by that number alone.  A program that names another program as its target takes the name from
 * the kernel's list of iterators and the number from the types of that target.
 */
#include <errno.h>
#include <linux/btf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "actor/actor.h"
#include "bpf.h"

static int run_iterator(int link)
{
	union bpf_attr attr = {};
	char text[256];
	int fd;

	attr.iter_create.link_fd = (uint32_t)link;
	fd = bpf_call(BPF_ITER_CREATE, &attr);
	if (fd < 0)
		return fd;
	return read(fd, text, sizeof(text)) < 0 ? -errno : 0;
}

/* Runs PROGRAM over the values of the policy's map NAME. */
static int iterate_values(int program, const char *name)
{
	union bpf_iter_link_info info = {};
	union bpf_attr attr = {};
	int map = open_map_by("id", name), r;

	if (map < 0)
		return map;
	info.map.map_fd = (uint32_t)map;
	attr.link_create.prog_fd = (uint32_t)program;
	attr.link_create.attach_type = BPF_TRACE_ITER;
	attr.link_create.iter_info = address(&info);
	attr.link_create.iter_info_len = sizeof(info);
	r = bpf_call(BPF_LINK_CREATE, &attr);
	return r < 0 ? r : run_iterator(r);
}

/* Writes the first byte of every value where it lies. */
static const struct bpf_insn write_values[] = {
	LOAD(BPF_DW, BPF_REG_2, BPF_REG_1, 24), /* struct bpf_iter__bpf_map_elem: value */
	JUMP_IF_ZERO(BPF_REG_2, 2),
	LOAD(BPF_B, BPF_REG_3, BPF_REG_2, 0),
	STORE(BPF_B, BPF_REG_2, BPF_REG_3, 0),
	MOV_IMM(BPF_REG_0, 0),
	EXIT(),
};

/* On the function ITERATOR of the kernel, or, where LENDER is not 0, on the one of that number of the program LENDER. */
static struct program iterator_on(const char *iterator, int lender)
{
	return (struct program){ .type = BPF_PROG_TYPE_TRACING,
				 .attach = BPF_TRACE_ITER,
				 .function = type_of_function(iterator),
				 .target = lender,
				 .code = write_values,
				 .count = COUNT(write_values) };
}

/* iterate:MAP: without having the map itself. */
static int iterate(char *name)
{
	const struct program program = iterator_on("bpf_iter_bpf_map_elem", 0);
	int r = load_program(&program);

	return r < 0 ? r : iterate_values(r, name);
}

/* --- with another's number -------------------------------------------------------------------------------------------- */

#define INFO(kind, members) ((uint32_t)(kind) << 24 | (members))

/* The numbers of types that come first.  The rest, up to the function's own, are pointers to nothing. */
enum { TYPE_INT = 1, TYPE_POINTER, TYPE_PROTOTYPE, TYPE_MAIN_PROTOTYPE, TYPE_MAIN, FIRST_FILLER };

enum { NAME_INT = 1, NAME_ARGUMENT = 5, NAME_MAIN = 7, NAME_FUNCTION = 12, MAX_NAME = 64, POINTER_WORDS = 3 };
static const char names[NAME_FUNCTION + MAX_NAME] = "\0int\0a\0main";

/* clang-format off */
static const uint32_t first_types[] = {
	NAME_INT, INFO(BTF_KIND_INT, 0), 4, BTF_INT_SIGNED << 24 | 32,
	0, INFO(BTF_KIND_PTR, 0), 0,
	0, INFO(BTF_KIND_FUNC_PROTO, 4), TYPE_INT,
	   NAME_ARGUMENT, TYPE_POINTER, NAME_ARGUMENT, TYPE_POINTER, NAME_ARGUMENT, TYPE_POINTER, NAME_ARGUMENT, TYPE_POINTER,
	0, INFO(BTF_KIND_FUNC_PROTO, 1), TYPE_INT, NAME_ARGUMENT, TYPE_POINTER,
	NAME_MAIN, INFO(BTF_KIND_FUNC, BTF_FUNC_GLOBAL), TYPE_MAIN_PROTOTYPE,
};
/* clang-format on */

/* Types in which the function NAME has the number ID.  A descriptor or a negative errno. */
static int load_types(const char *name, uint32_t id)
{
	size_t fillers = id - FIRST_FILLER, words = COUNT(first_types) + (fillers + 1) * POINTER_WORDS;
	size_t bytes = sizeof(struct btf_header) + words * sizeof(uint32_t) + sizeof(names);
	struct btf_header *header = calloc(1, bytes);
	uint32_t *at = (uint32_t *)(header + 1);
	union bpf_attr attr = {};
	int fd;

	if (!header)
		untried("making types", ENOMEM);
	*header = (struct btf_header){ .magic = BTF_MAGIC,
				       .version = BTF_VERSION,
				       .hdr_len = sizeof(*header),
				       .type_len = (uint32_t)(words * sizeof(uint32_t)),
				       .str_off = (uint32_t)(words * sizeof(uint32_t)),
				       .str_len = sizeof(names) };
	memcpy(at, first_types, sizeof(first_types));
	at += COUNT(first_types);
	for (size_t i = 0; i < fillers; i++, at += POINTER_WORDS)
		at[1] = INFO(BTF_KIND_PTR, 0);
	at[0] = NAME_FUNCTION;
	at[1] = INFO(BTF_KIND_FUNC, BTF_FUNC_STATIC);
	at[2] = TYPE_PROTOTYPE;
	memcpy(at + POINTER_WORDS, names, sizeof(names));
	snprintf((char *)(at + POINTER_WORDS) + NAME_FUNCTION, MAX_NAME, "%s", name);
	attr.btf = address(header);
	attr.btf_size = (uint32_t)bytes;
	fd = bpf_call(BPF_BTF_LOAD, &attr);
	free(header);
	return fd;
}

/* A harmless program that has a function NAME with the number that ITERATOR has in the kernel. */
static int load_lender(const char *name, const char *iterator)
{
	static const struct bpf_insn code[] = {
		MOV_IMM(BPF_REG_1, 0),
		MOV_IMM(BPF_REG_2, 0),
		MOV_IMM(BPF_REG_3, 0),
		MOV_IMM(BPF_REG_4, 0),
		INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, 2),
		MOV_IMM(BPF_REG_0, 0),
		EXIT(),
		MOV_IMM(BPF_REG_0, 0),
		EXIT(),
	};
	int id = type_of_function(iterator), types = id < 0 ? id : load_types(name, (uint32_t)id);
	const struct bpf_func_info functions[] = { { 0, TYPE_MAIN }, { 7, (uint32_t)id } };
	union bpf_attr attr = { .prog_type = BPF_PROG_TYPE_SOCKET_FILTER };

	if (types < 0)
		return types;
	attr.insns = address(code);
	attr.insn_cnt = COUNT(code);
	attr.license = address("GPL");
	attr.prog_btf_fd = (uint32_t)types;
	attr.func_info = address(functions);
	attr.func_info_cnt = COUNT(functions);
	attr.func_info_rec_size = sizeof(functions[0]);
	return bpf_call(BPF_PROG_LOAD, &attr);
}

/* iterate-as:ITERATOR:MAP: with the number of ITERATOR. */
static int iterate_as(char *iterator)
{
	const char *map = second(iterator);
	int lender = load_lender("bpf_iter_bpf_map_elem", iterator), r;
	const struct program program = iterator_on(iterator, lender);

	if (lender < 0)
		return lender;
	r = load_program(&program);
	return r < 0 ? r : iterate_values(r, map);
}

int note_iterator(const char *name, const char *iterator)
{
	static const struct bpf_insn no_result[] = { EXIT() };
	int lender = load_lender(name, iterator);
	struct program program = iterator_on(iterator, lender);

	if (lender < 0)
		return lender;
	program.code = no_result;
	program.count = COUNT(no_result);
	return load_program(&program);
}

/* note:NAME:ITERATOR: has the number of ITERATOR noted for the iterator NAME. */
static int note(char *name)
{
	const char *iterator = second(name);

	return note_iterator(name, iterator);
}

const struct step iterator_steps[] = {
	{ "iterate", iterate },
	{ "iterate-as", iterate_as },
	{ "note", note },
	{},
};
