/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mounts of this process's namespace, as /proc/self/mountinfo lists them (proc_pid_mountinfo(5)).
 */
#ifndef INIT_MOUNT_LIST_H
#define INIT_MOUNT_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <early_vm/mount_chain.h>

struct mount_line {
	uint32_t id;
	uint32_t parent; /* of the root of the namespace: its own, or that of a mount which is not listed */
	uint32_t group;  /* peer group, 0: none */
	char point[256]; /* where it is mounted, with the octal escapes of the list */
	char type[32];   /* of the file system */
};

/* Reads LINE.  False: it is none of that list. */
bool mount_line_parse(const char *line, struct mount_line *ret);

/* The mount with this ID.  False: it is not listed. */
bool mount_list_find(uint32_t id, struct mount_line *ret);

/* Is the root of this process the kernel's first one, on which an initramfs lies? */
bool mount_list_root_is_initramfs(void);

/*
 * Is CHAIN the way from its first mount to the root of the namespace, as listed?  Says what is different.
 */
bool mount_list_matches(const struct evm_chain *chain);

#endif
