/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of a VM, and what the manager's notices change in it.  The functions need the service's state_lock unless they say otherwise. */
#ifndef LIBAVF_VM_STATE_H
#define LIBAVF_VM_STATE_H

#include "libavf/handles.h"

/* Enters VM in its service's list.  An older VM with the same CID has been forgotten by the manager. */
void vm_state_add(AVirtualMachine *vm);
void vm_state_remove(AVirtualMachine *vm);

/* Records that VM has ended, and wakes those who wait for that. */
void vm_state_end(AVirtualMachine *vm, enum AVirtualMachineStopReason stop_reason, uint32_t reason, const char *text);

/*
 * The reason of Android's C interface for DEATH, an enum evm_death_reason or a number of a newer manager.  Pure,
 * and needs no lock.
 */
enum AVirtualMachineStopReason stop_reason_of(uint32_t death);

/* The notices of the manager, for the VM that they are about. */
void vm_state_take_end(AVirtualizationService *service, const struct evm_end *end);
void vm_state_take_event(AVirtualizationService *service, const struct evm_event *event);

/* The manager is gone: so are all VMs of SERVICE. */
void vm_state_lose_manager(AVirtualizationService *service);

/*
 * Waits until VM has ended.  False: DEADLINE (NULL: none) has passed, or VM was destroyed without having ended, which
 * happens to one that is held.
 */
bool vm_state_wait(AVirtualMachine *vm, const struct timespec *deadline);

#endif
