/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's own type information (BTF, /sys/kernel/btf/vmlinux): which functions there are, under which type IDs.  BPF names the
 * function that a program attaches to by such an ID.
 */
#ifndef INIT_KERNEL_TYPES_H
#define INIT_KERNEL_TYPES_H

#include <stddef.h>
#include <stdint.h>

/*
 * Looks up COUNT functions by NAMES, each of at least 8 characters.  RET_IDS: the type ID of each, 0 where the kernel has no such
 * function.  Reads some megabytes once.  Not thread-safe.
 * Returns 0; -ENOENT and the like: the type information can't be read; -EBADMSG: it can't be understood.  Says what is wrong.
 */
int kernel_types_functions(const char *const *names, size_t count, uint32_t *ret_ids);

#endif
