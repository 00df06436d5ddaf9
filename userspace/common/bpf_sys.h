/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bpf(2) calls that the loader and the auditor make, each as one function (bpf(2), include/uapi/linux/bpf.h).
 *
 * All return 0 or a new close-on-exec descriptor that the caller owns, or a negative errno, and log nothing.  Thread-safe.
 */
#ifndef COMMON_BPF_SYS_H
#define COMMON_BPF_SYS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Attaches an LSM, fentry, fexit or fmod_ret program to the function that it was loaded for; returns a link. */
int bpf_sys_attach(int prog_fd);

/*
 * Loads a tracing program that does nothing and returns 0, for the function with the type ID FUNCTION of the kernel's own types.
 * ATTACH_TYPE: enum bpf_attach_type.
 */
int bpf_sys_load_empty(uint32_t attach_type, uint32_t function);

/* Loads an LSM program that returns ANSWER, for the hook with the type ID FUNCTION (of "bpf_lsm_..."). */
int bpf_sys_load_lsm(uint32_t function, int32_t answer);

/* A link for an iterator program; PID restricts a task iterator to one process, 0 does not. */
int bpf_sys_iter_link(int prog_fd, pid_t pid);

/* A link for an iterator program over the elements of a map. */
int bpf_sys_iter_map_link(int prog_fd, int map_fd);

/* A descriptor from which the iterator's output can be read. */
int bpf_sys_iter_create(int link_fd);

int bpf_sys_pin(int fd, const char *path);

/* Opens the object that is pinned at PATH.  FLAGS: 0, or for a map BPF_F_RDONLY (a link is refused with any flag). */
int bpf_sys_get(const char *path, uint32_t flags);

/* Makes the map read-only for user space.  -EBUSY or -EPERM: it was frozen before, or is mapped writable. */
int bpf_sys_map_freeze(int map_fd);

int bpf_sys_map_set(int map_fd, const void *key, const void *value);
int bpf_sys_map_delete(int map_fd, const void *key);
int bpf_sys_map_get(int map_fd, const void *key, void *ret_value);

/* The key after KEY, or the first one where KEY is NULL.  -ENOENT: there is none. */
int bpf_sys_map_next(int map_fd, const void *key, void *ret_key);

/* The number of values in a per-CPU map: the possible CPUs, not only those that are online.  Needs /sys. */
int bpf_sys_processors(size_t *ret);

/* Fills INFO, of BYTES (struct bpf_map_info, bpf_link_info or bpf_btf_info, depending on FD). */
int bpf_sys_info(int fd, void *info, uint32_t bytes);

/* The program with this ID (of struct bpf_link_info); needs CAP_SYS_ADMIN. */
int bpf_sys_program(uint32_t id);

/* The ID of the program after the one with the ID AFTER (0: the first).  -ENOENT: there is none; needs CAP_SYS_ADMIN. */
int bpf_sys_next_program(uint32_t after, uint32_t *ret_id);

/* The link with this ID; needs CAP_SYS_ADMIN. */
int bpf_sys_link(uint32_t id);

/* The ID of the link after the one with the ID AFTER (0: the first).  -ENOENT: there is none; needs CAP_SYS_ADMIN. */
int bpf_sys_next_link(uint32_t after, uint32_t *ret_id);

/* The map with this ID.  FLAGS: 0 or BPF_F_RDONLY; needs CAP_SYS_ADMIN. */
int bpf_sys_map(uint32_t id, uint32_t flags);

/* The type information with this ID (of struct bpf_map_info); needs CAP_SYS_ADMIN. */
int bpf_sys_btf(uint32_t id);

/* The ID of the type information after the one with the ID AFTER (0: the first).  -ENOENT: there is none; needs CAP_SYS_ADMIN. */
int bpf_sys_next_btf(uint32_t after, uint32_t *ret_id);

/* Any other call: COMMAND (enum bpf_cmd) with its ATTR of BYTES (union bpf_attr). */
int bpf_sys_call(int command, void *attr, uint32_t bytes);

#endif
