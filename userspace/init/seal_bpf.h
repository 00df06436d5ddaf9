/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the seal needs to know to keep BPF programs and tracing of others away from the policy (bpf/seal_bpf.bpf.h,
 * bpf/seal_task.bpf.h).  Each function says what went wrong, and returns 0 or a negative errno.  Not thread-safe.
 */
#ifndef INIT_SEAL_BPF_H
#define INIT_SEAL_BPF_H

#include <stdbool.h>

#include "init/policy_object.h"

/*
 * Fills in the BPF IDs of the policy's programs and maps, where others may attach, and the type of uprobes.  -ENOEXEC: a program is
 * not attached where early_vm/programs.h says, or the lists contradict each other.
 */
int seal_bpf_fill(const struct policy_object *object, struct evm_seal *seal);

/* Guards the files of tracefs by which uprobes are set; before the map "rules" is frozen. */
int seal_bpf_guard_tracefs(const struct policy_object *object);

/* Notes the names of the programs that there are and that are not the policy's, by SEAL; before it is switched on. */
int seal_bpf_list_programs(const struct evm_seal *seal);

/*
 * Which programs that are there already would be refused now?  After the seal was switched on, and before the map "state" is frozen:
 * each is tried, and named in the log and in SEAL.
 */
int seal_bpf_find_earlier(struct evm_seal *seal);

#endif
