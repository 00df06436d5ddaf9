/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the handles of android/virtualization.h stand for: the objects, their locks and their references.
 *
 * Two locks for each service, taken in this order:
 *	connection_lock  held over a request and its answer, so that there is one at a time
 *	state_lock       protects what is known of the VMs; while it is held, nothing is waited for but the condition `changed'
 *
 * Lifetime: each function of the interface holds a reference to its object while it runs.  A destroy function gives up the
 * reference of the caller only, and wakes all waiting threads; the last of them frees the memory.
 */
#ifndef LIBAVF_HANDLES_H
#define LIBAVF_HANDLES_H

#include <pthread.h>
#include <stdatomic.h>

#include "early_vm/client.h"
#include "libavf/manager_client.h"

struct AVirtualizationService {
	atomic_int references; /* the caller's, one for each VM, and one for each call that is running */

	pthread_mutex_t connection_lock;
	struct evm_client client;
	bool closed; /* the service was destroyed: no more requests */

	pthread_mutex_t state_lock;
	pthread_cond_t changed; /* uses CLOCK_MONOTONIC */
	AVirtualMachine *vms;
	bool lost; /* the manager has ended, or the connection to it is closed */

	pthread_t reader;
	int wake; /* an eventfd that ends the reader */
};

struct vm_event {
	struct vm_event *next;
	struct evm_vm_event event;
};

struct AVirtualMachine {
	atomic_int references; /* the caller's, the stop callback's thread's, and one for each call that is running */
	AVirtualizationService *service; /* a reference */
	uint32_t cid;

	/* All of the following are protected by the service's state_lock. */
	AVirtualMachine *next; /* in the service's list */
	bool started;          /* or start was tried: it can be called once */
	bool ended;
	bool held;     /* it does not end with this object */
	bool finished; /* the payload reported exit_code */
	int32_t exit_code;
	bool forgotten;  /* by the manager: CID may belong to another VM by now */
	bool destroying; /* AVirtualMachine_destroy has begun: no more requests but its own */
	bool destroyed;  /* it is done: nothing more will become known */
	enum AVirtualMachineStopReason stop_reason; /* valid if ended, like the next */
	struct evm_vm_end end;
	struct vm_event *events, **events_end;
	size_t event_count;
	AVirtualMachine_stopCallback callback; /* NULL: none, or it was called or cancelled */
	void *callback_data;
	bool in_callback;
	pthread_t callback_thread;
};

/* Takes CLIENT over on success.  NULL: out of memory. */
AVirtualizationService *service_new(const struct evm_client *client);

/* Takes a reference and returns SERVICE.  service_unref frees it with the last one. */
AVirtualizationService *service_ref(AVirtualizationService *service);
void service_unref(AVirtualizationService *service);

/* A VM of SERVICE with one reference, in no list.  NULL: out of memory. */
AVirtualMachine *vm_new(AVirtualizationService *service);
AVirtualMachine *vm_ref(AVirtualMachine *vm);
void vm_unref(AVirtualMachine *vm);

/* For _cleanup_. */
void cleanup_service(AVirtualizationService **service);
void cleanup_vm(AVirtualMachine **vm);

/* These keep the object alive until the end of the function that runs. */
#define SERVICE_IN_USE(service) \
	__attribute__((cleanup(cleanup_service), unused)) AVirtualizationService *service_in_use = service_ref(service)
#define VM_IN_USE(vm) __attribute__((cleanup(cleanup_vm), unused)) AVirtualMachine *vm_in_use = vm_ref(vm)

/* The service's state_lock. */
void vm_lock(AVirtualMachine *vm);
void vm_unlock(AVirtualMachine *vm);

/* TIMEOUT from now in CLOCK_MONOTONIC; very long times are cut to 31 years.  NULL stays NULL. */
const struct timespec *deadline_of(const struct timespec *timeout, struct timespec *ret);

/* Waits for `changed', with state_lock held.  False: DEADLINE (NULL: none) has passed. */
bool service_wait(AVirtualizationService *service, const struct timespec *deadline);

/* Creates a thread in which all signals are blocked: they are for the threads of the program.  0 or a negative errno. */
int start_thread(pthread_t *ret, void *(*run)(void *data), void *data);

#endif
