/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The seal: what keeps the policy as it is until the next boot, against root too.
 *
 *   its maps        frozen against user space by the loader; no foreign program uses them, no map of maps can hold them
 *                   (seal_bpf.bpf.h)
 *   its programs    no foreign program answers in their place, changes what they decided, or replaces a part of them; what may
 *                   be loaded is a closed list (seal_bpf.bpf.h, early_vm/foreign_hooks.h)
 *   its pins        no unlink, rename, rmdir (seal_file.bpf.h); the mounts between them and the root stay (seal_mount.bpf.h)
 *   ftrace          on which the programs depend: its switch can't be opened for writing (seal_file.bpf.h)
 *   listed files    no writing, no change of attributes, no removing, renaming, linking (seal_file.bpf.h)
 *   labelled tasks  not traced by others, not written to by tracing machinery (seal_task.bpf.h)
 *
 * All of it checks state.seal.sealed, which the loader sets once; the map is frozen then.
 */
#ifndef BPF_SEAL_H
#define BPF_SEAL_H

#include "claim.bpf.h"
#include "seal_bpf.bpf.h"
#include "seal_file.bpf.h"
#include "seal_task.bpf.h"

#endif
