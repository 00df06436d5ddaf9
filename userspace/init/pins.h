/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The place of the policy in the BPF file system, EVM_PIN_DIR: maps, the iterator "tasks" and the program "resolve"
 * (which later runs of the loader need) there, and the links by which the programs stay attached in links/.
 */
#ifndef INIT_PINS_H
#define INIT_PINS_H

#include "init/policy_object.h"

#define PINS_LINK_DIR EVM_PIN_DIR "/links"

/*
 * Mounts the BPF file system on /sys/fs/bpf unless it is there, and makes the directories.  -EEXIST: a policy is there
 * already (nothing is said).  Otherwise each function here says what went wrong.
 */
int pins_prepare(void);

/* Attaches every program that hangs on a hook and pins its link at once, so that the loader's end leaves it in place. */
int pins_attach(const struct policy_object *object);

/* Attaches and pins one program under NAME. */
int pins_attach_one(int prog_fd, const char *name);

/* Pins the maps and the iterators. */
int pins_publish(const struct policy_object *object);

/*
 * Can there be rules, by which clients get KVM?  They are written after the maps were pinned.  Asks the file system
 * alone, and so also where bpf(2) answers nothing.
 */
bool pins_have_rules(void);

/* Is a program attached by the link NAME?  Asks the file system alone. */
bool pins_have(const char *name);

/* Takes everything away but the link NAME. */
void pins_remove_but(const char *name);

/* Takes everything away again: on_failure="open". */
void pins_remove(void);

#endif
