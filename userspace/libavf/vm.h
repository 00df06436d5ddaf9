/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A VM as its client sees it, and what the service tells the VMs that it has.  But for the first four and vm_unref, these
 * functions are called with the service's state_lock held.
 */
#ifndef LIBAVF_VM_H
#define LIBAVF_VM_H

#include "libavf/service.h"

struct vm_event {
	struct vm_event *next;
	struct evm_vm_event event;
};

struct AVirtualMachine {
	atomic_int references; /* the caller's own, and that of the thread that waits for the stop callback's time */
	AVirtualizationService *service; /* a reference */
	uint32_t cid;

	/* Under the service's state_lock. */
	AVirtualMachine *next; /* of the service's VMs */
	bool started;          /* or was tried to: once is all */
	bool ended;
	bool held;             /* it need not stop with this object */
	bool finished;         /* the payload has, with exit_code */
	int32_t exit_code;
	bool forgotten;        /* by the manager: CID may be another VM's by now */
	enum AVirtualMachineStopReason stop_reason; /* of one that has ended, as the next */
	struct evm_vm_end end;
	struct vm_event *events, **events_end;
	size_t event_count;
	AVirtualMachine_stopCallback callback; /* NULL when there is none to be called any more */
	void *callback_data;
	bool in_callback;
	pthread_t callback_thread;
};

/* Takes and gives back the service's state_lock. */
void vm_lock(AVirtualMachine *vm);
void vm_unlock(AVirtualMachine *vm);

bool vm_has_ended(AVirtualMachine *vm);

/*
 * Takes the connection (service_take) for a request about VM, unless it has ended: its CID could be that of the next one.
 * 0 or -EIO.
 */
int vm_take_living(AVirtualMachine *vm);

void vms_end(AVirtualMachine *vms, const struct evm_end *end);
void vms_take_event(AVirtualMachine *vms, const struct evm_event *event);
void vms_lose_manager(AVirtualMachine *vms);

/* VM has ended, with these words. */
void vm_end(AVirtualMachine *vm, enum AVirtualMachineStopReason stop_reason, uint32_t reason, const char *text);

/* Waits until VM has ended.  False: DEADLINE (NULL: there is none) has passed. */
bool vm_wait(AVirtualMachine *vm, const struct timespec *deadline);

/* Calls off the stop callback, and waits for one that is running, unless it is what calls this. */
void vm_cancel_callback(AVirtualMachine *vm);

void vm_unref(AVirtualMachine *vm);

#endif
