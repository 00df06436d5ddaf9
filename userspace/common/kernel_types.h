/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The type information (BTF) of the running kernel, /sys/kernel/btf/vmlinux, and of its module vhost_vsock: which functions there are,
 * under which type IDs, and what its structures look like.  BPF names the function that a program attaches to by such an ID.
 *
 * What is read stays until kernel_types_forget: the kernel's some megabytes are read once, in the first of these calls; the module's
 * when they are first needed.  Not thread-safe.  All say what is wrong.
 */
#ifndef COMMON_KERNEL_TYPES_H
#define COMMON_KERNEL_TYPES_H

#include <stddef.h>
#include <stdint.h>

#include "common/btf.h"
#include "common/core_relocation.h"

/*
 * Looks up COUNT functions of the kernel itself by NAMES.  RET_IDS: the type ID of each, 0 where the kernel has no such function.
 * Returns 0; -ENOENT and the like: the type information can't be read; -EBADMSG: it can't be understood.
 */
int kernel_types_functions(const char *const *names, size_t count, uint32_t *ret_ids);

/*
 * The function NAME of the kernel or of vhost_vsock, to attach to: its type ID, and in the upper 32 bits, for a function of the
 * module, a descriptor of the module's types, which the caller closes.  -ENOENT: there is no such function; or another negative errno.
 */
int64_t kernel_types_attach(const char *name);

/* Where structures are looked up: the kernel, and vhost_vsock or NULL.  They stay until kernel_types_forget.  0 or a negative errno. */
int kernel_types_get(const struct btf_types *ret[CORE_MAX_TARGETS]);

void kernel_types_forget(void);

#endif
