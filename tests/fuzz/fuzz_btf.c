// SPDX-License-Identifier: Apache-2.0
/*
 * Type information and what is looked up in it.  The input is BTF; its types are the program's and the kernel's at once, and each is
 * asked for by an access of several kinds.
 */
#include <string.h>

#include "harness.h"
#include "common/core_relocation.h"

enum { MAX_ASKED = 12, MAX_INPUT = 4096 };

static void ask(const struct btf_types *types, uint32_t id, uint32_t text, enum bpf_core_relo_kind kind)
{
	struct bpf_insn code[2] = { { .code = (uint8_t)(id % 2 ? BPF_LDX | BPF_MEM | BPF_W :
								 BPF_ALU64 | BPF_MOV | BPF_K) } };
	const struct bpf_core_relo relocation = { .type_id = id, .access_str_off = text, .kind = kind };
	const struct btf_types *targets[CORE_MAX_TARGETS] = { types, NULL };
	size_t failed = 1;

	CHECK(core_relocate(code, 2, &relocation, 1, types, targets, &failed) == 0 || failed == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint64_t aligned[(MAX_INPUT + BTF_PADDING) / sizeof(uint64_t)];
	struct btf_types types;

	if (size > MAX_INPUT)
		return 0;
	memset(aligned, 0, sizeof(aligned));
	memcpy(aligned, data, size);
	if (btf_types_read(aligned, size, NULL, true, &types))
		return 0;
	for (uint32_t id = 0; id <= types.count && id <= MAX_ASKED; id++) {
		const struct btf_type *type = btf_type(&types, id);

		if (!type)
			continue;
		btf_size(&types, id);
		for (uint32_t text = 0; text < types.string_bytes && text < MAX_ASKED; text++)
			for (enum bpf_core_relo_kind kind = 0; kind <= BPF_CORE_ENUMVAL_VALUE; kind++)
				ask(&types, id, types.string_bytes - 1 - text, kind);
	}
	btf_types_free(&types);
	return 0;
}
