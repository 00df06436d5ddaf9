/* SPDX-License-Identifier: Apache-2.0 */
#include "init/skeleton_loader.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "common/bpf_sys.h"
#include "common/cleanup.h"
#include "common/log.h"
#include "common/btf.h"
#include "common/core_relocation.h"
#include "common/kernel_types.h"
#include "init/progress.h"

/* --- the skeleton's program ------------------------------------------------------------------------------------------ */

/*
 * libbpf's generator (gen_loader.c) keeps descriptors in the stack's frame: 32 of programs, and those of more programs
 * would lie above it.  Here is room for them, so that an object can have more.
 */
enum { STACK_BYTES = 512, ABOVE_STACK_BYTES = 512, MAX_INSTRUCTIONS = 1 << 20 };

/* include/uapi/linux/bpf.h, __BPF_FUNC_MAPPER */
enum helper {
	HELPER_PROBE_READ_KERNEL = 113,
	HELPER_COPY_FROM_USER = 148,
	HELPER_SYS_BPF = 166,
	HELPER_FIND_TYPE = 167,
	HELPER_CLOSE = 168,
};

struct machine {
	const struct bpf_load_and_run_opts *options;
	const struct skeleton_calls *calls;
	char *data;
	uint64_t r[11];
	uint64_t stack[(STACK_BYTES + ABOVE_STACK_BYTES) / sizeof(uint64_t)];
};

static bool is_within(uint64_t address, uint64_t bytes, const void *region, uint64_t region_bytes)
{
	uint64_t begin = (uintptr_t)region;

	return address >= begin && address - begin <= region_bytes && bytes <= region_bytes - (address - begin);
}

/* Only its stack, its data and the context, in which it leaves the results. */
static void *memory(const struct machine *machine, uint64_t address, uint64_t bytes)
{
	const struct bpf_load_and_run_opts *options = machine->options;

	if (is_within(address, bytes, machine->stack, sizeof(machine->stack)) ||
	    is_within(address, bytes, machine->data, options->data_sz) ||
	    is_within(address, bytes, options->ctx, options->ctx->sz))
		return (void *)(uintptr_t)address;
	return NULL;
}

/* From an address of the caller: initial values of maps.  The skeleton clears its descriptors by reading from address 0. */
static long copy(const struct machine *machine)
{
	void *to = memory(machine, machine->r[1], machine->r[2]);

	if (!to)
		return -EFAULT;
	if (!machine->r[3]) {
		memset(to, 0, machine->r[2]);
		return -EFAULT;
	}
	memcpy(to, (const void *)(uintptr_t)machine->r[3], machine->r[2]);
	return 0;
}

static long find_type(const struct machine *machine)
{
	const char *name = memory(machine, machine->r[1], machine->r[2]);

	if (!name || !machine->r[2] || name[machine->r[2] - 1])
		return -EINVAL;
	return machine->calls->find_type(name, (uint32_t)machine->r[3]);
}

static int call(struct machine *machine, int helper)
{
	union bpf_attr *attr;

	switch (helper) {
	case HELPER_PROBE_READ_KERNEL:
	case HELPER_COPY_FROM_USER:
		machine->r[0] = (uint64_t)copy(machine);
		return 0;
	case HELPER_SYS_BPF:
		attr = memory(machine, machine->r[2], machine->r[3]);
		machine->r[0] =
			(uint64_t)(attr ? machine->calls->bpf((int)machine->r[1], attr, (uint32_t)machine->r[3]) :
					  -EFAULT);
		return 0;
	case HELPER_FIND_TYPE:
		machine->r[0] = (uint64_t)find_type(machine);
		return 0;
	case HELPER_CLOSE:
		machine->r[0] = (uint64_t)machine->calls->close((int)machine->r[1]);
		return 0;
	}
	return -ENOEXEC;
}

static int load_or_store(struct machine *machine, const struct bpf_insn *insn)
{
	bool load = BPF_CLASS(insn->code) == BPF_LDX;
	uint64_t address = machine->r[load ? insn->src_reg : insn->dst_reg] + (uint64_t)(int64_t)insn->off;
	size_t bytes = BPF_SIZE(insn->code) == BPF_DW ? sizeof(uint64_t) : sizeof(uint32_t);
	void *at = memory(machine, address, bytes);

	if (!at)
		return -EFAULT;
	if (!load) {
		memcpy(at, &machine->r[insn->src_reg], bytes);
		return 0;
	}
	machine->r[insn->dst_reg] = 0;
	memcpy(&machine->r[insn->dst_reg], at, bytes);
	return 0;
}

/* Does the instruction jump? */
static bool jumps(const struct machine *machine, const struct bpf_insn *insn)
{
	uint64_t value = machine->r[insn->dst_reg], other = (uint64_t)(int64_t)insn->imm;

	switch (BPF_OP(insn->code)) {
	case BPF_JA:
		return true;
	case BPF_JEQ:
		return value == other;
	case BPF_JSET:
		return value & other;
	case BPF_JSLT:
		return (int64_t)value < (int64_t)other;
	}
	return (int64_t)value <= (int64_t)other; /* BPF_JSLE */
}

/* One instruction of those that the generator writes; *AT moves on. */
static int step(struct machine *machine, const struct bpf_insn *code, size_t count, int64_t *at)
{
	const struct bpf_insn *insn = &code[*at];
	uint64_t *to = &machine->r[insn->dst_reg];

	if (insn->dst_reg > 10 || insn->src_reg > 10)
		return -ENOEXEC;
	++*at;
	switch (insn->code) {
	case BPF_ALU64 | BPF_MOV | BPF_X:
		*to = machine->r[insn->src_reg];
		return 0;
	case BPF_ALU64 | BPF_MOV | BPF_K:
		*to = (uint64_t)(int64_t)insn->imm;
		return 0;
	case BPF_ALU64 | BPF_ADD | BPF_K:
		*to += (uint64_t)(int64_t)insn->imm;
		return 0;
	case BPF_ALU64 | BPF_RSH | BPF_K:
		*to >>= insn->imm & 63;
		return 0;
	case BPF_LD | BPF_IMM | BPF_DW:
		if (insn->src_reg != BPF_PSEUDO_MAP_IDX_VALUE || insn->imm || (size_t)*at >= count)
			return -ENOEXEC;
		*to = (uintptr_t)machine->data + (uint32_t)insn[1].imm;
		++*at;
		return 0;
	case BPF_LDX | BPF_MEM | BPF_W:
	case BPF_LDX | BPF_MEM | BPF_DW:
	case BPF_STX | BPF_MEM | BPF_W:
	case BPF_STX | BPF_MEM | BPF_DW:
		return load_or_store(machine, insn);
	case BPF_JMP | BPF_JA:
	case BPF_JMP | BPF_JEQ | BPF_K:
	case BPF_JMP | BPF_JSET | BPF_K:
	case BPF_JMP | BPF_JSLT | BPF_K:
	case BPF_JMP | BPF_JSLE | BPF_K:
		*at += jumps(machine, insn) ? insn->off : 0;
		return 0;
	case BPF_JMP | BPF_CALL:
		return insn->src_reg ? -ENOEXEC : call(machine, insn->imm);
	}
	return -ENOEXEC;
}

static int run(struct machine *machine, const struct bpf_insn *code, size_t count)
{
	int64_t at = 0;

	machine->r[1] = (uintptr_t)machine->options->ctx;
	machine->r[10] = (uintptr_t)machine->stack + STACK_BYTES;
	for (int done = 0; done < MAX_INSTRUCTIONS; done++) {
		int r;

		if (at < 0 || (size_t)at >= count)
			return -ENOEXEC;
		if (code[at].code == (BPF_JMP | BPF_EXIT))
			return (int)machine->r[0];
		r = step(machine, code, count, &at);
		if (r) {
			log_error("instruction %lld of the policy's loading program is not understood: %s",
				  (long long)at, strerror(-r));
			return r;
		}
	}
	return -ELOOP;
}

int skeleton_run(const struct bpf_load_and_run_opts *options, const struct skeleton_calls *calls)
{
	_cleanup_free_ char *data = malloc(options->data_sz);
	struct machine machine = { .options = options, .calls = calls, .data = data };
	int r;

	if (!data)
		return -ENOMEM;
	memcpy(data, options->data, options->data_sz);
	r = run(&machine, options->insns, options->insns_sz / sizeof(struct bpf_insn));
	return r < 0 ? r : 0;
}

/* --- the calls ----------------------------------------------------------------------------------------------------------- */

/* The types of the object that is being loaded: they are loaded first. */
static struct btf_types object_types;
static size_t loaded_programs; /* of it, so far */

static long load_types(union bpf_attr *attr, uint32_t bytes)
{
	int r;

	btf_types_free(&object_types);
	r = btf_types_read((const void *)(uintptr_t)attr->btf, attr->btf_size, NULL, false, &object_types);
	return r ? r : bpf_sys_call(BPF_BTF_LOAD, attr, bytes);
}

static int say_relocation(const union bpf_attr *attr, const struct bpf_core_relo *relocation, int error)
{
	log_error("the program %s: what it reads of %s can't be found in this kernel's types: %s", attr->prog_name,
		  btf_string(&object_types, btf_type(&object_types, relocation->type_id) ?
						    btf_type(&object_types, relocation->type_id)->name_off :
						    UINT32_MAX),
		  strerror(-error));
	return error;
}

/* tools/lib/bpf/bpf_gen_internal.h: as many maps as the generator has room for, at the start of the descriptors. */
enum { MAX_MAPS = 64 };

/*
 * An instruction that names a map by its place among the descriptors (a mark of 5 or 6 as its source register) names it by the
 * descriptor then (1 or 2).  Programs with functions are compiled before the kernel removes the mark, and the compiler for x86 takes
 * a 6 for a use of register 6, which it saves and restores in each call of the program.
 */
static int name_maps_by_descriptor(const union bpf_attr *attr)
{
	struct bpf_insn *code = (struct bpf_insn *)(uintptr_t)attr->insns;
	const int *maps = (const int *)(uintptr_t)attr->fd_array;

	for (uint32_t i = 0; i < attr->insn_cnt; i++) {
		struct bpf_insn *insn = &code[i];
		bool map = insn->src_reg == BPF_PSEUDO_MAP_IDX, value = insn->src_reg == BPF_PSEUDO_MAP_IDX_VALUE;

		if (insn->code != (BPF_LD | BPF_IMM | BPF_DW))
			continue;
		i++; /* its second half */
		if (!map && !value)
			continue;
		if (!maps || insn->imm < 0 || insn->imm >= MAX_MAPS)
			return -ENOEXEC;
		insn->src_reg = map ? BPF_PSEUDO_MAP_FD : BPF_PSEUDO_MAP_VALUE;
		insn->imm = maps[insn->imm];
	}
	return 0;
}

static long load_program(union bpf_attr *attr, uint32_t bytes)
{
	const struct bpf_core_relo *relocations = (const void *)(uintptr_t)attr->core_relos;
	const struct btf_types *targets[CORE_MAX_TARGETS];
	size_t failed;
	int r;

	if (attr->core_relo_cnt && attr->core_relo_rec_size != sizeof(*relocations))
		return -ENOEXEC;
	r = attr->core_relo_cnt ? kernel_types_get(targets) : 0;
	if (r)
		return r;
	r = core_relocate((struct bpf_insn *)(uintptr_t)attr->insns, attr->insn_cnt, relocations, attr->core_relo_cnt,
			  &object_types, targets, &failed);
	if (r)
		return say_relocation(attr, &relocations[failed], r);
	attr->core_relos = attr->core_relo_cnt = attr->core_relo_rec_size = 0;
	r = name_maps_by_descriptor(attr);
	if (r)
		return r;
	r = bpf_sys_call(BPF_PROG_LOAD, attr, bytes);
	if (r >= 0)
		progress_point(++loaded_programs, 0);
	return r;
}

static long make_call(int command, union bpf_attr *attr, uint32_t bytes)
{
	switch (command) {
	case BPF_BTF_LOAD:
		return load_types(attr, bytes);
	case BPF_PROG_LOAD:
		return load_program(attr, bytes);
	default:
		return bpf_sys_call(command, attr, bytes);
	}
}

static long find_kernel_type(const char *name, uint32_t kind)
{
	return kind == BTF_KIND_FUNC ? kernel_types_attach(name) : -ENOENT;
}

static long close_descriptor(int fd)
{
	return close(fd) ? -errno : 0;
}

int skeleton_load(struct bpf_load_and_run_opts *options)
{
	static const struct skeleton_calls calls = { .bpf = make_call,
						     .find_type = find_kernel_type,
						     .close = close_descriptor };
	int r;

	loaded_programs = 0;
	r = skeleton_run(options, &calls);
	btf_types_free(&object_types);
	return r;
}
