/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The place of the policy in the BPF file system, EVM_PIN_DIR: maps, the iterator "tasks" and the program "resolve"
 * (which later runs of the loader need) there, and the links by which the programs stay attached in links/.
 */
#ifndef INIT_PINS_H
#define INIT_PINS_H

#include "common/policy_pins.h"
#include "init/policy_object.h"

/* The names by which the seal's and older code know the directory and the program. */
#define PINS_LINK_DIR POLICY_LINK_DIR
#define PINS_LOCKOUT POLICY_LOCKOUT_PROGRAM

/* The links of the programs that refuse ioctls then (bpf/lockout_ioctl.bpf.c); "32": for the calls of 32-bit programs. */
#define PINS_LOCKOUT_IOCTL "refuse_ioctl"
#define PINS_LOCKOUT_IOCTL_32 "refuse_ioctl_32"

/* After each of these names: the link of the LSM program, beside that of the program of the kind fmod_ret. */
#define PINS_LOCKOUT_LSM "_lsm"

/* Mounts the BPF file system on /sys/fs/bpf unless it is there. */
int pins_mount(void);

/* Makes EVM_PIN_DIR and the directory of the links, which may be there.  All functions that can fail say what went wrong. */
int pins_make_directories(void);

/* Attaches every program that has a hook and pins its link at once, so that the loader's end leaves it in place. */
int pins_attach(const struct policy_object *object);

/* Attaches and pins one program under NAME. */
int pins_attach_one(int prog_fd, const char *name);

/* The same, but a link that could not be pinned stays: RET_UNPINNED is the caller's to close, and -1 in any other case. */
int pins_attach_keep(int prog_fd, const char *name, int *ret_unpinned);

/*
 * The same in the place of the program that is pinned under NAME: that one is detached some time afterwards, and one of the two is
 * attached at any moment.  If WORKS (NULL: not asked), which is called with DATA while both are attached, says no, the old one stays:
 * -EACCES.
 */
int pins_attach_in_place(int prog_fd, const char *name, bool (*works)(void *data), void *data);

/* Pins the maps, before rules are written into them. */
int pins_publish_maps(const struct policy_object *object);

/* Pins the maps of the programs that close KVM (lockout_map_names). */
int pins_publish_lockout_maps(const struct policy_object *object);

/* Are they, or the first of them?  Asks the file system alone. */
bool pins_have_lockout_maps(void);

/*
 * Pins the iterator "tasks" and, as the last of all, the program "resolve", by which a policy is known to be whole
 * (common/policy_pins.h): call it when everything before the seal is done.
 */
int pins_publish_programs(const struct policy_object *object);

/*
 * Can there be rules, by which clients get KVM?  They are written after the maps were pinned.  Asks the file system
 * alone, and so also where bpf(2) answers nothing.
 */
bool pins_have_rules(void);

/* Is a program attached by the link NAME?  Asks the file system alone. */
bool pins_have(const char *name);

/* Is there anything under the name of EVM_PIN_DIR? */
bool pins_are_there(void);

/* Removes everything below EVM_PIN_DIR, and leaves the directory. */
void pins_empty(void);

/* The same, but for the links PINS_LOCKOUT*, the directory that they are in, and the maps of their programs. */
void pins_empty_but_lockout(void);

/* Removes all of it.  Programs are detached some time afterwards.  What the seal keeps stays. */
void pins_remove(void);

#endif
