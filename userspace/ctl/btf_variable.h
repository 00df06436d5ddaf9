/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a variable of a BPF program stands in the map that holds the program's data, by the type information that was
 * loaded with it (Documentation/bpf/btf.rst, include/uapi/linux/btf.h).
 */
#ifndef CTL_BTF_VARIABLE_H
#define CTL_BTF_VARIABLE_H

#include <stddef.h>
#include <stdint.h>

struct btf_variable {
	uint32_t offset; /* in the map's value */
	uint32_t bytes;
};

/*
 * Looks NAME up in the section SECTION_TYPE of the kernel's type information number BTF (btf_id and btf_value_type_id
 * of struct bpf_map_info).  0, -ENOENT where there is no such variable, -EBADMSG where the information is broken.
 */
int btf_find_variable(uint32_t btf, uint32_t section_type, const char *name, struct btf_variable *ret);

/* The same in BYTES of type information at DATA, aligned as malloc does it. */
int btf_find_variable_in(const void *data, size_t bytes, uint32_t section_type, const char *name, struct btf_variable *ret);

#endif
