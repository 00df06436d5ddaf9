/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Internal to common/: the table of early_vms.h while it is made, and the refusal of entries that conflict.
 */
#ifndef COMMON_EARLY_VM_TABLE_H
#define COMMON_EARLY_VM_TABLE_H

#include <stddef.h>

#include "common/early_vms.h"

/*
 * Appends a copy of FROM with a copy of each string; the copy's executable is EXE, which belongs to TABLE from now on, also
 * on failure.  Returns 0 or -ENOMEM.
 */
int early_vm_table_add(struct early_vms *table, const struct early_vm *from, int exe);

/* Removes the last entries, so that COUNT are left. */
void early_vm_table_truncate(struct early_vms *table, size_t count);

/* Logs why an entry, whose name may be "", is refused. */
void early_vm_log_refused(const char *file, int line, const char *name, const char *why);

/*
 * Whether no policy may have both: they share the CID, or the name within a partition or for one executable.  Symmetric,
 * and true of an entry and itself.
 */
bool early_vm_conflicts(const struct early_vm *a, const struct early_vm *b);

/*
 * Removes each entry that conflicts with another one, with a message: it is not known which was meant.  Entries that are
 * wrong by themselves must be gone before, so that they conflict with none.
 */
void early_vm_table_refuse_conflicts(struct early_vms *table);

#endif
