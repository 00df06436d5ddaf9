/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A manager that several threads use, with a thread of its own that hears what the manager tells.
 *
 * Two locks, taken in this order:
 *	connection_lock  over a request and its answer: one at a time
 *	state_lock       over what is known of the VMs: never held while anything is waited for but the condition `changed'
 *
 * Whoever holds the connection may receive what the manager tells unasked; it becomes state at once (on_end, on_event).  The
 * reader thread only sees to it that this happens when nobody asks.
 */
#ifndef LIBAVF_SERVICE_H
#define LIBAVF_SERVICE_H

#include <pthread.h>
#include <stdatomic.h>

#include "early_vm/client.h"
#include "libavf/client.h"

struct AVirtualizationService {
	atomic_int references; /* the caller's own, and one for each VM */

	pthread_mutex_t connection_lock;
	struct evm_client client;
	bool closed;

	pthread_mutex_t state_lock;
	pthread_cond_t changed; /* by CLOCK_MONOTONIC */
	AVirtualMachine *vms;
	bool lost; /* the manager has gone */

	pthread_t reader;
	int wake; /* an eventfd that ends the reader */
};

/* Goes on with CLIENT, which passes on, also on failure.  0 or a negative errno. */
int service_open(const struct evm_client *client, AVirtualizationService **ret);

/*
 * Takes the connection for a request to SERVICE->client.  0, or -EIO with words: it is closed, and was not taken.
 * service_done gives it back: R is what the request returned.  Returns 0, or -EIO and keeps the words for evm_error().
 */
int service_take(AVirtualizationService *service);
int service_done(AVirtualizationService *service, int r);

/* Another reference, and one less. */
AVirtualizationService *service_ref(AVirtualizationService *service);
void service_unref(AVirtualizationService *service);

/* The time TIMEOUT from now, for service_wait; far away for one that is very long.  NULL stays NULL. */
const struct timespec *service_deadline(const struct timespec *timeout, struct timespec *ret);

/* With state_lock held: waits for a change.  False: DEADLINE (NULL: there is none) has passed. */
bool service_wait(AVirtualizationService *service, const struct timespec *deadline);

#endif
