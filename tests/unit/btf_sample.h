/* SPDX-License-Identifier: Apache-2.0 */
/* A small BTF: struct s { int a; struct { int b[4]; }; }, and some types that contain themselves. */
#ifndef BTF_SAMPLE_H
#define BTF_SAMPLE_H

#include <linux/btf.h>
#include <stddef.h>
#include <stdint.h>

#define BTF_SAMPLE_STRINGS "\0int\0s\0a\0b\0bpf_lsm_file_open\0loop\0E\0ONE"
#define BTF_SAMPLE_INFO(kind, members) ((uint32_t)(kind) << 24 | (members))

enum { BTF_SAMPLE_WORDS = 51 };
enum {
	SAMPLE_INT = 1,
	SAMPLE_ARRAY,
	SAMPLE_INNER,
	SAMPLE_S,
	SAMPLE_PROTO,
	SAMPLE_FUNC,
	SAMPLE_LOOP,
	SAMPLE_ENUM,
	SAMPLE_SELF,
	SAMPLE_COUNT = SAMPLE_SELF
};
enum { NAME_INT = 1, NAME_S = 5, NAME_A = 7, NAME_B = 9, NAME_FUNC = 11, NAME_LOOP = 29, NAME_E = 34, NAME_ONE = 36 };

static const struct btf_sample {
	struct btf_header header;
	uint32_t types[BTF_SAMPLE_WORDS];
	char strings[sizeof(BTF_SAMPLE_STRINGS) + 32]; /* with room for others, and what must follow BTF */
} btf_sample = {
	.header = { .magic = BTF_MAGIC, .version = BTF_VERSION, .hdr_len = sizeof(struct btf_header), .type_len = BTF_SAMPLE_WORDS * sizeof(uint32_t),
		    .str_off = BTF_SAMPLE_WORDS * sizeof(uint32_t), .str_len = sizeof(BTF_SAMPLE_STRINGS) },
	.types = {
		NAME_INT, BTF_SAMPLE_INFO(BTF_KIND_INT, 0), 4, BTF_INT_SIGNED << 24 | 32,
		0, BTF_SAMPLE_INFO(BTF_KIND_ARRAY, 0), 0, SAMPLE_INT, SAMPLE_INT, 4,
		0, BTF_SAMPLE_INFO(BTF_KIND_STRUCT, 1), 16, NAME_B, SAMPLE_ARRAY, 0,
		NAME_S, BTF_SAMPLE_INFO(BTF_KIND_STRUCT, 2), 20, NAME_A, SAMPLE_INT, 0, 0, SAMPLE_INNER, 32,
		0, BTF_SAMPLE_INFO(BTF_KIND_FUNC_PROTO, 0), 0,
		NAME_FUNC, BTF_SAMPLE_INFO(BTF_KIND_FUNC, 1), SAMPLE_PROTO,
		NAME_LOOP, BTF_SAMPLE_INFO(BTF_KIND_TYPEDEF, 0), SAMPLE_LOOP,
		NAME_E, BTF_SAMPLE_INFO(BTF_KIND_ENUM, 1), 4, NAME_ONE, 7,
		NAME_LOOP, BTF_SAMPLE_INFO(BTF_KIND_STRUCT, 3), 8, 0, SAMPLE_SELF, 0, 0, SAMPLE_SELF, 0, NAME_A, SAMPLE_LOOP, 0,
	},
	.strings = BTF_SAMPLE_STRINGS,
};

/* Without that room. */
enum { BTF_SAMPLE_BYTES = offsetof(struct btf_sample, strings) + sizeof(BTF_SAMPLE_STRINGS) };

#endif
