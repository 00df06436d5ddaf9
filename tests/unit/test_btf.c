/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>

#include "btf_sample.h"
#include "common/core_relocation.h"
#include "init/skeleton_loader.h"

static struct btf_types sample_types(const struct btf_sample *sample)
{
	struct btf_types types;

	cr_assert_eq(btf_types_read(sample, BTF_SAMPLE_BYTES, NULL, true, &types), 0);
	return types;
}

Test(btf, finds_types_by_name_and_kind)
{
	struct btf_types types = sample_types(&btf_sample);

	cr_assert_eq(types.count, SAMPLE_COUNT);
	cr_assert_eq(btf_find(&types, 0, BTF_KIND_FUNC, "bpf_lsm_file_open", 17), SAMPLE_FUNC);
	cr_assert_eq(btf_find(&types, 0, BTF_KIND_FUNC, "bpf_lsm_file_ope", 16), 0);
	cr_assert_eq(btf_find(&types, 0, BTF_KIND_STRUCT, "bpf_lsm_file_open", 17), 0);
	cr_assert_eq(btf_find(&types, 0, BTF_KIND_STRUCT, "s", 1), SAMPLE_S);
	cr_assert_eq(btf_find(&types, SAMPLE_S, BTF_KIND_STRUCT, "s", 1), 0);
	cr_assert_eq(btf_size(&types, SAMPLE_ARRAY), 16);
	cr_assert_eq(btf_size(&types, SAMPLE_S), 20);
	btf_types_free(&types);
}

Test(btf, types_that_name_themselves_end)
{
	struct btf_types types = sample_types(&btf_sample);
	uint32_t id = SAMPLE_LOOP;

	cr_assert_null(btf_plain_type(&types, &id));
	cr_assert_lt(btf_size(&types, SAMPLE_LOOP), 0);
	cr_assert_null(btf_type(&types, 0));
	cr_assert_null(btf_type(&types, UINT32_MAX));
	cr_assert_str_empty(btf_string(&types, UINT32_MAX));
	btf_types_free(&types);
}

Test(btf, huge_arrays_have_no_size)
{
	struct btf_sample sample = btf_sample;
	struct btf_types types;

	sample.types[9] = UINT32_MAX; /* elements of SAMPLE_ARRAY */
	types = sample_types(&sample);
	cr_assert_lt(btf_size(&types, SAMPLE_ARRAY), 0);
	btf_types_free(&types);
	sample.types[7] = SAMPLE_ARRAY; /* which are arrays of themselves */
	sample.types[9] = 1;
	types = sample_types(&sample);
	cr_assert_lt(btf_size(&types, SAMPLE_ARRAY), 0);
	btf_types_free(&types);
}

Test(btf, rejects_what_is_cut_off)
{
	for (size_t bytes = 0; bytes < BTF_SAMPLE_BYTES; bytes++) {
		struct btf_types types;

		cr_assert_eq(btf_types_read(&btf_sample, bytes, NULL, true, &types), -EBADMSG, "%zu bytes", bytes);
		cr_assert_null(types.offsets);
	}
}

/* The number of members is part of a type's second word. */
Test(btf, rejects_types_that_reach_beyond_the_end)
{
	static const struct {
		size_t word;
		uint32_t value;
	} wrong[] = {
		{ 1, BTF_SAMPLE_INFO(31, 0) },
		{ 17, BTF_SAMPLE_INFO(BTF_KIND_STRUCT, 0xffff) },
		{ 40, BTF_SAMPLE_INFO(BTF_KIND_STRUCT, 4) },
		{ 40, BTF_SAMPLE_INFO(BTF_KIND_STRUCT, 2) },
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct btf_sample sample = btf_sample;
		struct btf_types types;

		sample.types[wrong[i].word] = wrong[i].value;
		cr_assert_eq(btf_types_read(&sample, BTF_SAMPLE_BYTES, NULL, true, &types), -EBADMSG, "%zu", i);
	}
}

/* --- relocation: the access text "0:1:0:2" is what the compiler has, for s.b[2] ------------------------------------------- */

/* The program's types: the sample's, with an access text in place of its strings' end. */
static int relocate(struct bpf_insn *code, const char *access, uint32_t root, enum bpf_core_relo_kind kind,
		    const struct btf_types *target)
{
	struct btf_sample sample = btf_sample;
	struct bpf_core_relo relocation = { .type_id = root, .access_str_off = NAME_ONE, .kind = kind };
	const struct btf_types *targets[CORE_MAX_TARGETS] = { target, NULL };
	struct btf_types local;
	char *strings = sample.strings;
	size_t failed;
	int r;

	strcpy(strings + NAME_ONE, access);
	sample.header.str_len = NAME_ONE + (uint32_t)strlen(access) + 1;
	cr_assert_eq(btf_types_read(&sample, sizeof(sample), NULL, false, &local), 0);
	r = core_relocate(code, 1, &relocation, 1, &local, targets, &failed);
	btf_types_free(&local);
	return r;
}

Test(core_relocation, moves_a_field)
{
	struct btf_sample sample = btf_sample;
	struct bpf_insn code = { .code = BPF_LDX | BPF_MEM | BPF_W, .off = 12 };
	struct btf_types target;

	sample.types[24] = 64; /* the kernel's structure within s begins 4 bytes later */
	target = sample_types(&sample);
	cr_assert_eq(relocate(&code, "0:1:0:2", SAMPLE_S, BPF_CORE_FIELD_BYTE_OFFSET, &target), 0);
	cr_assert_eq(code.off, 16);
	btf_types_free(&target);
}

Test(core_relocation, the_instruction_must_be_the_compilers)
{
	struct bpf_insn code = { .code = BPF_LDX | BPF_MEM | BPF_W, .off = 8 };
	struct btf_types target = sample_types(&btf_sample);

	cr_assert_eq(relocate(&code, "0:1:0:2", SAMPLE_S, BPF_CORE_FIELD_BYTE_OFFSET, &target), -ERANGE);
	btf_types_free(&target);
}

Test(core_relocation, what_the_kernel_lacks_can_not_be_reached)
{
	struct btf_sample sample = btf_sample;
	struct bpf_insn code = { .code = BPF_LDX | BPF_MEM | BPF_W, .off = 12 },
			exists = { .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = 1 };
	struct btf_types target;

	sample.types[13] = NAME_LOOP; /* the kernel's field has another name */
	target = sample_types(&sample);
	cr_assert_eq(relocate(&code, "0:1:0:2", SAMPLE_S, BPF_CORE_FIELD_BYTE_OFFSET, &target), 0);
	cr_assert_eq(code.code, BPF_JMP | BPF_CALL);
	cr_assert_eq(code.imm, 0xbad2310);
	cr_assert_eq(relocate(&exists, "0:1:0:2", SAMPLE_S, BPF_CORE_FIELD_EXISTS, &target), 0);
	cr_assert_eq(exists.imm, 0);
	btf_types_free(&target);
}

Test(core_relocation, rejects_accesses_that_make_no_sense)
{
	static const char *const wrong[] = { "", ":", "0:", "0:9", "0:0:0", "0:1:0:4", "x", "0:1:0:2:", "99999999" };
	struct btf_types target = sample_types(&btf_sample);

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct bpf_insn code = { .code = BPF_LDX | BPF_MEM | BPF_W, .off = 12 };

		cr_assert_eq(relocate(&code, wrong[i], SAMPLE_S, BPF_CORE_FIELD_BYTE_OFFSET, &target), -EBADMSG, "%s",
			     wrong[i]);
	}
	btf_types_free(&target);
}

Test(core_relocation, structures_within_themselves_end)
{
	struct btf_sample local = btf_sample;
	struct bpf_insn code = { .code = BPF_LDX | BPF_MEM | BPF_W };
	struct btf_types target = sample_types(&btf_sample);
	struct bpf_core_relo relocation = { .type_id = SAMPLE_SELF, .access_str_off = NAME_ONE };
	const struct btf_types *targets[CORE_MAX_TARGETS] = { &target, NULL };
	struct btf_types types;
	size_t failed;

	/* Its first member has a name that the kernel's does not have. */
	local.types[BTF_SAMPLE_WORDS - 9] = NAME_E;
	local.types[BTF_SAMPLE_WORDS - 8] = SAMPLE_INT;
	memcpy(local.strings + NAME_ONE, "0:0", 4);
	types = sample_types(&local);
	cr_assert_eq(core_relocate(&code, 1, &relocation, 1, &types, targets, &failed), -EBADMSG);
	btf_types_free(&types);
	btf_types_free(&target);
}

/* --- the skeleton's program ------------------------------------------------------------------------------------------------ */

static long no_call(int command, union bpf_attr *attr, uint32_t bytes)
{
	(void)command, (void)attr, (void)bytes;
	return 0;
}

static int run(const struct bpf_insn *code, size_t count)
{
	static const struct skeleton_calls calls = { .bpf = no_call };
	struct bpf_loader_ctx context = { .sz = sizeof(context) };
	struct bpf_load_and_run_opts options = { .ctx = &context,
						 .data = "12345678",
						 .data_sz = 8,
						 .insns = code,
						 .insns_sz = (uint32_t)(count * sizeof(*code)) };

	return skeleton_run(&options, &calls);
}

#define RUN(...) run((const struct bpf_insn[]){ __VA_ARGS__ }, sizeof((const struct bpf_insn[]){ __VA_ARGS__ }) / sizeof(struct bpf_insn))
#define SET(number) { .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = (number) }
#define END { .code = BPF_JMP | BPF_EXIT }

Test(skeleton, ends_with_the_programs_answer)
{
	cr_assert_eq(RUN(SET(-ENOENT), END), -ENOENT);
	cr_assert_eq(RUN(SET(0), END), 0);
}

Test(skeleton, rejects_what_it_does_not_know)
{
	cr_assert_eq(RUN({ .code = BPF_ALU64 | BPF_XOR | BPF_X }, END), -ENOEXEC);
	cr_assert_eq(RUN({ .code = BPF_JMP | BPF_CALL, .imm = 1 }, END), -ENOEXEC);
	cr_assert_eq(RUN(SET(0)), -ENOEXEC);
	cr_assert_eq(RUN({ .code = BPF_JMP | BPF_JA, .off = -2 }, END), -ENOEXEC);
	cr_assert_eq(RUN({ .code = BPF_JMP | BPF_JA, .off = -1 }, END), -ELOOP);
}

Test(skeleton, has_no_memory_but_its_own)
{
	cr_assert_eq(RUN({ .code = BPF_STX | BPF_MEM | BPF_DW, .dst_reg = 10, .off = -8 }, SET(0), END), 0);
	cr_assert_eq(RUN({ .code = BPF_STX | BPF_MEM | BPF_DW, .dst_reg = 10, .off = -520 }, END), -EFAULT);
	cr_assert_eq(RUN({ .code = BPF_STX | BPF_MEM | BPF_DW, .dst_reg = 10, .off = 505 }, END), -EFAULT);
	cr_assert_eq(RUN({ .code = BPF_STX | BPF_MEM | BPF_DW, .dst_reg = 2 }, END), -EFAULT);
}
