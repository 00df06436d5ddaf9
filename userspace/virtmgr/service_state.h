/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Internal to the service, and below its other files (an arrow is "uses"):
 *
 *	service.c (the loop) -> packet_connection.c, binder_door.c (what the client speaks) -> requests.c (its requests) -> service_state.c
 *	notifications.c (events for the client) -> service_state.c
 *
 * struct evm_message is the plain form of a request or an answer with its descriptors, whatever the client speaks.
 */
#ifndef VIRTMGR_SERVICE_STATE_H
#define VIRTMGR_SERVICE_STATE_H

#include <stdbool.h>

#include "common/platform_policy.h"
#include "virtmgr/binder_door.h"
#include "virtmgr/client_lookup.h"
#include "virtmgr/event_loop.h"
#include "virtmgr/idsig_jobs.h"
#include "virtmgr/instance.h"
#include "virtmgr/send_queue.h"
#include "virtmgr/vm_lists.h"
#include "virtmgr/vsock_connects.h"

struct service;

/* What the client speaks: early_vm/protocol.h (packet_connection.h), or RPC binder (binder_door.h). */
struct wire {
	/* Sends a message to the client, or queues it.  Also called when the client has gone: then it does nothing. */
	void (*send)(struct service *service, const struct evm_message *message);

	/* The connection was closed: drops what belongs to it. */
	void (*close)(struct service *service);
};

struct service {
	const char *root;
	int loop;
	struct client client;
	struct platform_policy policy;
	struct vm_lists lists;
	uint32_t hangup_seconds; /* how long a payload may take to report, on this machine */
	const struct wire *wire;
	struct event_source connection, signals, client_end;
	struct send_queue queue; /* while it isn't empty, no request is read */
	/* of a client that speaks RPC binder; else NULL, and the client speaks early_vm/protocol.h */
	struct binder_door *door;
	struct instance *instances;
	struct vsock_connects connects;
	struct idsig_jobs idsigs;
	bool client_gone; /* no more requests; what is not held is being stopped */
};

/* The VM of this connection with CID, or NULL. */
struct instance *service_find(const struct service *service, uint32_t cid);

/* Takes INSTANCE off the list and frees it. */
void service_forget(struct service *service, struct instance *instance);

/* Sends a message to the client, or queues it while the client does not read; closes the connection when that fails. */
void service_send(struct service *service, const struct evm_message *message);

/* Closes the connection: the client's VMs are stopped, except held ones. */
void service_close_client(struct service *service);

/* The same after ERROR in receiving, which is logged unless the client has closed the connection. */
void service_lose_client(struct service *service, int error);

/* Stops the running VMs, held ones only if HELD; frees the others, which can't be started any more. */
void service_stop_instances(struct service *service, bool held);

bool service_any_running(const struct service *service);

/* Handles REQUEST, which is consumed, and sends the answer. */
void service_handle_request(struct service *service, struct evm_message *request);

/* instance->on_died, instance->on_guest, instance->on_unheld, and vsock_connects' done; DATA is the service. */
void service_on_death(struct instance *instance, void *data);
void service_on_guest(struct instance *instance, const struct guest_message *report, void *data);
void service_on_unheld(struct instance *instance, void *data);
void service_on_connection(uint32_t request, int result, void *data);

/* idsig_jobs' done; DATA is the service. */
void service_on_idsig(uint32_t request, int result, const struct reason *reason, void *data);

#endif
