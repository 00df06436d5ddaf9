/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Internal to the client's connection by RPC binder:
 *
 *	binder_door.c      sessions, and what the service tells
 *	binder_service.c   IVirtualizationService
 *	binder_vm.c        IVirtualMachine and its callbacks
 *	binder_config.c    the configuration of a VM
 */
#ifndef VIRTMGR_BINDER_STATE_H
#define VIRTMGR_BINDER_STATE_H

#include "rpcbinder/session.h"
#include "rpcbinder/virtualization_aidl.h"
#include "virtmgr/binder_door.h"
#include "virtmgr/service_state.h"

enum {
	BINDER_MAX_CALLBACKS = 8, /* of one VM; libraries register one */
	BINDER_MAX_SESSIONS = 4,  /* a client may connect more than once */
	/* A configuration with all descriptors and texts as long as the manager takes them has 20 KB. */
	BINDER_MAX_BODY = 65536,
};

/* A VM of the client's: what it has is a reference to the object. */
struct binder_vm {
	struct rpc_object object; /* first: an object is cast to its VM */
	struct binder_vm *next;
	struct binder_door *door;
	struct rpc_session *session;
	uint32_t cid;                             /* 0: not created */
	bool dead;                                /* and its callbacks were told */
	bool replaced;                            /* it was dead, and another VM has the CID */
	uint64_t callbacks[BINDER_MAX_CALLBACKS]; /* addresses, kept */
	size_t callback_count;
};

struct binder_call;

/* Writes the result that ANSWER, which is a success, has. */
typedef void (*binder_result)(struct binder_call *call, const struct evm_message *answer, struct parcel_writer *writer);

/* A request that the service has not answered yet. */
struct binder_call {
	struct binder_call *next;
	struct binder_door *door;
	uint32_t request; /* its number at the service */
	uint32_t number;  /* for rpc_reply */
	uint32_t version;
	struct parcel_writer *reply; /* while the call is being made; NULL: the answer comes later */
	bool answered;
	binder_result result;
	struct binder_vm *created; /* by createVm; owned until the session has it */
	bool specific;             /* each failure is the service's own (ERROR_UNEXPECTED) */
	uint32_t until_end_of;     /* a success is told when the VM with this CID has ended; 0: at once */
	struct rpc_session *session;
};

struct binder_door {
	struct service *service;
	struct rpc_endpoint *endpoint;
	int bootstrap;
	struct rpc_object root;
	enum aidl_release release;
	struct binder_vm *vms;
	struct binder_call *calls;
	uint32_t next_request;
};

/* A call whose arguments are known. */
struct binder_context {
	struct binder_door *door;
	struct binder_vm *vm; /* NULL: the service itself is called */
	struct rpc_call *call;
	const struct aidl_method *method;
	enum aidl_release release;
	bool specific;  /* see struct binder_call */
	bool until_end; /* a success is told when the VM of the request has ended */
	struct aidl_value arguments[AIDL_MAX_ARGUMENTS];
	struct aidl_arena arena;
};

/* Answers a call, as rpc_class.transact. */
typedef int32_t (*binder_handler)(struct binder_context *context);

extern const struct rpc_class binder_service_class, binder_vm_class;

/*
 * Answers CALL of INTERFACE by the handler of its method; HANDLERS has one for each of the table's methods, or NULL for one that early VMs
 * do not have.
 */
int32_t binder_dispatch(struct binder_door *door, struct binder_vm *vm, const struct aidl_interface *interface,
			const binder_handler *handlers, struct rpc_call *call);

/* The release that SESSION speaks; and: it is RELEASE. */
enum aidl_release binder_session_release(const struct binder_door *door, struct rpc_session *session);
void binder_session_set_release(struct rpc_session *session, enum aidl_release release);
bool binder_session_has_release(struct rpc_session *session);

/*
 * Sends REQUEST to the service, which consumes it.  RESULT writes what a success has; NULL: nothing.  CREATED (or
 * NULL) is consumed, too: see struct binder_call.  Returns as rpc_class.transact.
 */
int32_t binder_ask(struct binder_context *context, struct evm_message *request, binder_result result,
		   struct binder_vm *created);

/* Answers by a result of the method's type, or by an exception. */
int32_t binder_answer(struct binder_context *context, const struct aidl_value *result);
int32_t binder_refuse(struct binder_context *context, const struct refusal *refusal);
int32_t binder_refuse_words(struct binder_context *context, enum evm_status status, const char *words);

/* The method's exception for STATUS. */
void binder_write_exception(struct parcel_writer *writer, uint32_t status, const char *text);

/* A new VM's object, which is nobody's yet; NULL: there is no memory. */
struct binder_vm *binder_vm_new(struct binder_door *door, struct rpc_session *session);
/* CID is the VM's: those that had it are replaced. */
void binder_vm_created(struct binder_vm *vm, uint32_t cid);
/* The VM that has CID, and has not died; NULL: the client has dropped it. */
struct binder_vm *binder_vm_find(struct binder_door *door, uint32_t cid);
/* Tells the VM's callbacks; it may be dead after that. */
void binder_vm_tell(struct binder_vm *vm, const struct evm_message *message);

/* What is told of the VM that INFO is about. */
int binder_debug_info(const struct evm_message *info, struct aidl_arena *arena, struct aidl_value *ret);

#endif
