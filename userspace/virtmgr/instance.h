/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One VM from its creation to its end.
 *
 *	created:  NOT_STARTED  its CID is locked, its directory is there, its configuration was checked
 *	start:    STARTING     the VMM runs (or DEAD: it could not be started)
 *	          STARTED, READY, FINISHED: what the guest tells of its payload
 *	stop:     FINISHED     the VMM was asked to end, and is killed when it takes too long
 *	the end:  DEAD         all is released: lock, directory, descriptors; the reason is known
 *
 * Nothing here blocks: the event loop calls back when the VMM ended, said something, or let a deadline pass.
 */
#ifndef VIRTMGR_INSTANCE_H
#define VIRTMGR_INSTANCE_H

#include "common/early_vms.h"
#include "early_vm/protocol.h"
#include "virtmgr/client_lookup.h"
#include "virtmgr/loop_timer.h"
#include "virtmgr/vmm_exit.h"
#include "virtmgr/event_loop.h"
#include "virtmgr/failure_pipe.h"
#include "virtmgr/guest_listener.h"
#include "virtmgr/guest_output.h"
#include "virtmgr/guest_payload.h"
#include "virtmgr/hold.h"
#include "virtmgr/process.h"
#include "virtmgr/refusal.h"
#include "virtmgr/vm_directory.h"
#include "virtmgr/vmm/vmm.h"

enum { STOP_DEADLINE_SECONDS = 5 }; /* Android's, for a graceful stop */

struct instance {
	struct instance *next; /* the service's list */
	int loop;
	enum evm_vm_state state; /* NOT_STARTED, STARTING or DEAD; instance_state knows more */
	bool stopping;
	bool hung_up;            /* and was killed for it */
	uint32_t hangup_seconds; /* 0: the payload need not report */
	char name[EVM_MAX_NAME_BYTES + 1];
	char params[EVM_MAX_PARAMS_BYTES + 1];
	char cpu_affinity[EVM_MAX_CPUS_BYTES + 1], task_profiles[EVM_MAX_CPUS_BYTES + 1];
	struct vm_config config; /* its descriptors are owned until the start */
	const struct vmm_backend *vmm;
	char *vmm_path;
	struct vm_directory directory;
	const struct client *client;
	struct hold hold;
	struct vmm_channel channel;
	struct failure_pipe failure;
	struct process process;
	struct event_source process_source, failure_source, channel_source;
	struct loop_timer timer; /* for the payload's first report; then for the end of one that is being stopped */
	struct guest_output console, log; /* where the VMM does not write to the client's descriptor itself */
	struct guest_listener listener;
	struct guest_payload payload;
	/* While the VMM writes its device tree, and does not run the VM yet: starts the VM.  NULL at all other times. */
	int (*on_device_tree)(struct instance *instance, struct refusal *refusal);
	struct death death; /* of a dead VM */
	/* The request to create the next VM with this CID, which came while this one was being stopped; owned.  NULL: none. */
	struct evm_message *successor;

	/* Called once, when a VM that was started has died.  May free the instance. */
	void (*on_died)(struct instance *instance, void *data);
	/* Called for each report of the guest that is not suppressed by the rate limit.  Must not free the instance. */
	void (*on_guest)(struct instance *instance, const struct guest_message *message, void *data);
	/* Called when a process other than the client has released the VM.  Must not free the instance. */
	void (*on_unheld)(struct instance *instance, void *data);
	void *data;
};

/* What all VMs of a manager have in common.  The objects that it points to outlive them. */
struct instance_setting {
	int loop;
	const char *root; /* below which the VMM and the VM's directory lie, "" for the running system */
	const struct client *client;
	const struct vmm_path *vmm;
	uint32_t hangup_seconds; /* for payloads that must report */
};

/*
 * Creates the VM of REQUEST (EVM_CREATE_VM) with the CID of ENTRY.  The request's descriptors pass to the instance
 * (they become -1), unless memory is short.  0, or a negative errno with REFUSAL filled.  RET is freed by
 * instance_free.
 */
int instance_create(const struct instance_setting *setting, const struct early_vm *entry, struct evm_message *request,
		    struct instance **ret, struct refusal *refusal);

/* Returns when the VMM runs: 0, or a negative errno with REFUSAL filled; unless it was EVM_STATUS_STATE, it is DEAD then. */
int instance_start(struct instance *instance, struct refusal *refusal);

/* Begins to stop a running VM; on_died is called when it has ended.  0 or a negative errno with REFUSAL filled. */
int instance_stop(struct instance *instance, struct refusal *refusal);

/* The state that a client gets: that of the payload while the VM runs and is not being stopped. */
enum evm_vm_state instance_state(const struct instance *instance);

/* Whether there is a VMM, so that on_died is still to come. */
bool instance_is_running(const struct instance *instance);

/* Ends what still runs, without on_died, and frees all. */
void instance_free(struct instance *instance);

/* Of one that is all zero: it has no descriptor, timer or listener yet. */
void instance_init(struct instance *instance);

#endif
