/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The policy keeps its own pins alive, whatever becomes of the mounts.
 *
 * The programs stay attached as long as their links do, those as long as their pins, and those as long as the BPF file system.
 * Usually that lives as long as it is mounted, and a task that may change mounts can end it: by unmounting, in ways that no hook is
 * asked about, or before the kernel takes the lock under which it decides.  So the policy refers to the file system itself:
 *
 *   BPF file system -> its pin "hold" -> a map of perf events -> a uprobe event -> the path of its file -> a mount of tmpfs
 *   -> the BPF file system, which is mounted below that (or is the lower layer of an overlay of it)
 *
 * This is a circle inside the kernel, to which nobody outside has a reference; the file that has the uprobe is executed by
 * nobody.  It can be broken at the pin, which the seal keeps, and in the map, which is frozen, and nowhere else.
 */
#ifndef INIT_SELF_HOLD_H
#define INIT_SELF_HOLD_H

#include "init/policy_object.h"

/*
 * Makes the circle; the pins must be there.  Before the map POLICY_HOLD is frozen.  Returns 0, or a negative errno after a
 * message: -EOPNOTSUPP: the kernel has no uprobe events, or keeps no mounts together and has no overlayfs.
 * Not thread-safe (it forks).
 */
int self_hold_make(const struct policy_object *object);

#endif
