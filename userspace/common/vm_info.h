/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state of the VMs of all managers on this machine.  Each manager serves one client, so no process has a list; but each
 * VM has a directory with a lock (virtmgr/vm_directory.h), where its manager publishes its state:
 *
 *	VM_BASE/<cid>/lock      locked (flock) while the VM lives; its byte VM_LOCK_STATE (F_OFD_SETLK) while "state" is valid
 *	VM_BASE/<cid>/state     one message EVM_VM_INFO of early_vm/protocol.h, always replaced as a whole
 *	VM_BASE/<cid>/manager.sock   of a VM that is held: takes EVM_UNHOLD_VM (common/vm_unhold.h)
 *
 * The second lock can be tested without being taken, so a reader never keeps a VM from starting.  Both locks belong to the
 * open file that VMM and manager share and vanish with them, however they end: the files of a manager that was killed are
 * ignored.  The directory is accessible to their owner and root: everyone sees the VMs of their own user, root all.
 */
#ifndef COMMON_VM_INFO_H
#define COMMON_VM_INFO_H

#include <stdint.h>

#include "early_vm/protocol.h"

#define VM_BASE "/mnt/vm/early"

/* A VM's port on the host is its CID; the kernel gives ports from this one on to anyone, so no early VM has them. */
enum { VM_CID_END = 1024 };

/* Bytes of the lock file that are locked by themselves (F_OFD_SETLK): the state is valid; the manager lives. */
enum { VM_LOCK_STATE = 0, VM_LOCK_MANAGER = 1 };

/*
 * For the manager: publishes INFO (EVM_VM_INFO) for the VM with this DIRECTORY and LOCK.  Returns 0, or a negative errno:
 * then nothing is published.
 */
int vm_info_publish(int directory, int lock, const struct evm_message *info);

/* For the manager: publishes nothing any more.  Call it before the directory is removed. */
void vm_info_withdraw(int lock);

/*
 * Finds the VM with the lowest CID from FROM on, below ROOT ("" for the running system), that this process may see.
 * Returns 0, or -ENOENT when there is none, or another negative errno when ROOT or VM_BASE can't be opened (logged; -ENOTDIR
 * for a ROOT that does not exist); RET is untouched then.  A VM whose state can't be read or is invalid is skipped with a
 * warning.
 */
int vm_info_next(const char *root, uint32_t from, struct evm_message *ret);

#endif
