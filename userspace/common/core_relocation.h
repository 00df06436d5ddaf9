/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CO-RE relocation: a program's accesses to the kernel's structures, which the compiler has written for the few fields of
 * bpf/kernel.h, are adjusted to the structures of the running kernel, each found by name.  The kernel can do it itself when a program
 * is loaded, but searches all its types anew for each name, which takes longer than everything else in loading.
 *
 * The rules are those of libbpf and the kernel (tools/lib/bpf/relo_core.c), for what the policy uses: fields, bit fields and values of
 * enumerations.  tests/boot/relocated compares the result with the kernel's own.
 */
#ifndef COMMON_CORE_RELOCATION_H
#define COMMON_CORE_RELOCATION_H

#include <linux/bpf.h>
#include <stddef.h>
#include <stdint.h>

#include "common/btf.h"

enum { CORE_MAX_TARGETS = 2 };

/*
 * Adjusts the COUNT instructions at CODE by the RELOCATIONS, whose types are those of LOCAL.  TARGETS: where the kernel's types are
 * looked up: the first that knows a structure's name decides.  They have an index; an entry may be NULL.  As in the kernel, an
 * access to what this kernel does not have becomes an instruction that the verifier refuses if it can be reached.  Thread-safe.
 *
 * Returns 0; -EBADMSG: a relocation or its types make no sense; -EOPNOTSUPP: a kind of relocation that is not known; -ENOTUNIQ: the
 * kernel has different structures of the name; -ERANGE: the adjusted number has no room in the instruction, or the field has
 * another size.  RET_FAILED is the number of the relocation that failed then.
 */
int core_relocate(struct bpf_insn *code, size_t count, const struct bpf_core_relo *relocations, size_t relocation_count,
		  const struct btf_types *local, const struct btf_types *const targets[CORE_MAX_TARGETS],
		  size_t *ret_failed);

#endif
