/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known on this machine of the VMs of all managers.  Each manager serves one client, so nobody has a list; but
 * each VM has a lock and a directory (virtmgr/vm_directory.h), and there its manager writes what the VM is and does:
 *
 *	VM_BASE/<cid>.lock      locked (flock) while the VM lives; locked once more (F_OFD_SETLK) while the next is valid
 *	VM_BASE/<cid>/state     one message EVM_VM_INFO of early_vm/protocol.h, always replaced as a whole
 *	VM_BASE/<cid>/manager.sock   of a VM that is held: takes EVM_UNHOLD_VM (common/vm_unhold.h)
 *
 * The second lock can be asked about without being taken, so that who looks does not get into the way of who starts a VM.
 * Locks are those of the file that VMM and manager share, and are gone with them, however they end: what a manager that was
 * killed has left is not believed.  Directory and lock are for their owner and root alone, so everyone sees the VMs of his
 * own user, and root sees all.
 */
#ifndef COMMON_VM_INFO_H
#define COMMON_VM_INFO_H

#include <stdint.h>

#include "early_vm/protocol.h"

#define VM_BASE "/mnt/vm/early"

/* A VM's port on the host is its CID, and those from here on are given to anyone: no early VM has one. */
enum { VM_CID_END = 1024 };

/*
 * For the manager.  Makes INFO (EVM_VM_INFO) what is known of the VM with this DIRECTORY and LOCK; then it is told.
 * 0, or a negative errno: then nothing is known.
 */
int vm_info_publish(int directory, int lock, const struct evm_message *info);

/* For the manager.  Nothing is known any more.  Before the directory is removed. */
void vm_info_withdraw(int lock);

/*
 * Finds the VM with the lowest CID from FROM on, below ROOT ("" for the running system), that this process may know of.
 * 0, or -ENOENT: there is none; RET is untouched then.  What can't be read or understood is logged, and
 * passed over.
 */
int vm_info_next(const char *root, uint32_t from, struct evm_message *ret);

#endif
