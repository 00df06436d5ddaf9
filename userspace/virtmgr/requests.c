/* SPDX-License-Identifier: Apache-2.0 */
/* The client's requests. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/transport.h"
#include "common/vm_info.h"
#include "virtmgr/app_config.h"
#include "virtmgr/atom.h"
#include "virtmgr/instance_info.h"
#include "virtmgr/service_state.h"
#include "virtmgr/vm_config.h"
#include "virtmgr/writable_partition.h"

enum { ANSWERED_LATER = 1 };

/* A dead VM of the same CID makes room for the new one. */
static int make_room(struct service *service, uint32_t cid, struct refusal *refusal)
{
	struct instance *old = service_find(service, cid);
	size_t count = 0;

	if (old && old->state == EVM_STATE_DEAD)
		service_forget(service, old);
	for (struct instance *i = service->instances; i; i = i->next)
		count++;
	return count < EVM_MAX_VMS ? 0 :
				     turn_down(refusal, EVM_STATUS_UNSUPPORTED,
					       "a connection can't have more than %d VMs", EVM_MAX_VMS);
}

static int create_entry(struct service *service, struct evm_message *request, const struct early_vm *entry,
			struct evm_message *answer, struct refusal *refusal)
{
	const struct instance_setting setting = {
		.loop = service->loop,
		.root = service->root,
		.client = &service->client,
		.vmm = vmm_choose(service->root, &service->policy, refusal),
		.hangup_seconds = service->hangup_seconds,
	};
	struct instance *instance;
	int r;

	if (!setting.vmm)
		return evm_status_errno(refusal->status);
	r = make_room(service, entry->cid, refusal);
	if (r == 0)
		r = instance_create(&setting, entry, request, &instance, refusal);
	if (r < 0)
		return r;
	instance->on_died = service_on_death;
	instance->on_guest = service_on_guest;
	instance->on_unheld = service_on_unheld;
	instance->data = service;
	instance->next = service->instances;
	service->instances = instance;
	answer->cid = entry->cid;
	return 0;
}

/* A VM that is being stopped makes room when it has ended: REQUEST waits for that with its descriptors, and is handled anew then. */
static int follow(struct instance *stopping, struct evm_message *request, struct refusal *refusal)
{
	if (stopping->successor)
		return turn_down(refusal, EVM_STATUS_VM_RUNNING,
				 "a VM with CID %u is being stopped, and the next one waits for that already",
				 stopping->config.cid);
	stopping->successor = malloc(sizeof(*request));
	if (!stopping->successor)
		return turn_down(refusal, EVM_STATUS_INTERNAL, "%s", strerror(ENOMEM));
	*stopping->successor = *request;
	evm_message_init(request, EVM_CREATE_VM, 0);
	return ANSWERED_LATER;
}

static int find_and_create_vm(struct service *service, struct evm_message *request, struct evm_message *answer,
			      struct refusal *refusal)
{
	struct early_vms vms;
	const struct early_vm *entry;
	struct instance *old = NULL;
	int r;

	if (!client_is_parent(&service->client))
		return turn_down(refusal, EVM_STATUS_NOT_LISTED,
				 "VM '%s': the client that started this manager is gone", request->name);
	r = vm_lists_find(&service->lists, service->root, &service->policy.partitions, request->name, &vms);
	if (r < 0)
		return turn_down(refusal, EVM_STATUS_INTERNAL, "the lists of VMs can't be read: %s", strerror(-r));
	r = client_find_vm(&service->client, service->root, &service->policy.partitions, &vms, request->name, &entry,
			   refusal);
	if (r == 0)
		old = service_find(service, entry->cid);
	if (old && instance_is_running(old) && old->stopping)
		r = follow(old, request, refusal);
	if (r == 0 && request->app.present)
		r = app_config_load(service->root, &service->policy, request, refusal);
	if (r == 0)
		r = create_entry(service, request, entry, answer, refusal);
	early_vms_free(&vms);
	return r;
}

static int create_vm(struct service *service, struct evm_message *request, struct evm_message *answer,
		     struct refusal *refusal)
{
	int r = find_and_create_vm(service, request, answer, refusal);

	atom_skip(ATOM_VM_CREATION_REQUESTED);
	return r;
}

static int with_instance(struct service *service, const struct evm_message *request, struct instance **ret,
			 struct refusal *refusal)
{
	*ret = service_find(service, request->cid);
	return *ret ? 0 : turn_down(refusal, EVM_STATUS_STATE, "this connection has no VM with CID %u", request->cid);
}

static int get_state(struct service *service, struct evm_message *request, struct evm_message *answer,
		     struct refusal *refusal)
{
	struct instance *instance;
	int r = with_instance(service, request, &instance, refusal);

	if (r < 0)
		return r;
	answer->state = instance_state(instance);
	answer->value = (uint32_t)instance->payload.exit_code;
	answer->reason = instance->death.reason;
	return 0;
}

/* The answer follows when the guest has taken the connection or not. */
static int connect_vsock(struct service *service, struct evm_message *request, struct evm_message *answer,
			 struct refusal *refusal)
{
	struct instance *instance;
	int r = with_instance(service, request, &instance, refusal);

	(void)answer;
	if (r < 0)
		return r;
	if (!instance_is_running(instance))
		return turn_down(refusal, EVM_STATUS_STATE, "Virtual Machine is not running");
	r = vsock_connects_begin(&service->connects, request->cid, request->port, request->request, refusal);
	return r < 0 ? r : ANSWERED_LATER;
}

static int drop_vm(struct service *service, struct evm_message *request, struct evm_message *answer,
		   struct refusal *refusal)
{
	struct instance *instance;
	int r = with_instance(service, request, &instance, refusal);

	(void)answer;
	if (r < 0)
		return r;
	if (instance_is_running(instance))
		return turn_down(refusal, EVM_STATUS_STATE, "VM is running; it has to be stopped first");
	service_forget(service, instance);
	return 0;
}

static int list_vms(struct service *service, struct evm_message *request, struct evm_message *answer,
		    struct refusal *refusal)
{
	uint32_t number = answer->request;

	(void)refusal;
	if (vm_info_next(service->root, request->cid, answer) == 0) {
		answer->type = EVM_ANSWER;
		answer->request = number;
	}
	return 0;
}

static int initialize_partition(struct service *service, struct evm_message *request, struct evm_message *answer,
				struct refusal *refusal)
{
	(void)service;
	(void)answer;
	return writable_partition_initialize(request->partition, request->size, request->partition_type, refusal);
}

/* The answer follows when the file is complete, unless it is already. */
static int create_or_update_idsig(struct service *service, struct evm_message *request, struct evm_message *answer,
				  struct refusal *refusal)
{
	int r = idsig_jobs_begin(&service->idsigs, &request->apk, &request->idsig, request->request, refusal);

	(void)answer;
	return r > 0 ? ANSWERED_LATER : r;
}

static int get_capabilities(struct service *service, struct evm_message *request, struct evm_message *answer,
			    struct refusal *refusal)
{
	const struct vmm_path *vmm = vmm_choose(service->root, &service->policy, refusal);
	struct vm_config config;
	struct refusal ignored;

	(void)request;
	if (!vmm)
		return evm_status_errno(refusal->status);
	vm_config_init(&config);
	config.protected_vm = true;
	answer->protected_vm = vmm_backend_of(vmm->kind)->check(&config, VMM_HOST_ARCH, &ignored) == 0;
	return 0;
}

/*
 * The operation for each type of request: on the VM that it names, or by a handler.  Both return 0 or a negative errno with
 * REFUSAL filled; a handler may return ANSWERED_LATER.
 */
static const struct operation {
	uint16_t type;
	int (*act)(struct instance *instance, struct refusal *refusal);
	int (*handle)(struct service *service, struct evm_message *request, struct evm_message *answer,
		      struct refusal *refusal);
} operations[] = {
	{ EVM_CREATE_VM, .handle = create_vm },
	{ EVM_START_VM, .act = instance_start },
	{ EVM_STOP_VM, .act = instance_stop },
	{ EVM_GET_STATE, .handle = get_state },
	{ EVM_CONNECT_VSOCK, .handle = connect_vsock },
	{ EVM_DROP_VM, .handle = drop_vm },
	{ EVM_LIST_VMS, .handle = list_vms },
	{ EVM_HOLD_VM, .act = instance_hold },
	{ EVM_UNHOLD_VM, .act = instance_unhold },
	{ EVM_INITIALIZE_PARTITION, .handle = initialize_partition },
	{ EVM_CREATE_OR_UPDATE_IDSIG_FILE, .handle = create_or_update_idsig },
	{ EVM_GET_CAPABILITIES, .handle = get_capabilities },
};

static int act_on_instance(struct service *service, const struct evm_message *request,
			   const struct operation *operation, struct refusal *refusal)
{
	struct instance *instance;
	int r = with_instance(service, request, &instance, refusal);

	return r < 0 ? r : operation->act(instance, refusal);
}

static int refuse_unsupported(uint16_t type, struct refusal *refusal)
{
	static const struct {
		uint16_t type;
		const char *method;
	} calls[] = {
#define X(name, number, method) { EVM_##name, #method },
		EVM_UNSUPPORTED_CALLS(X)
#undef X
	};

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (calls[i].type == type)
			return turn_down(refusal, EVM_STATUS_UNSUPPORTED, "early_virtmgr doesn't support %s",
					 calls[i].method);
	return turn_down(refusal, EVM_STATUS_PROTOCOL, "the message is not a request");
}

static int run_operation(struct service *service, struct evm_message *request, struct evm_message *answer,
			 struct refusal *refusal)
{
	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
		const struct operation *operation = &operations[i];

		if (operation->type != request->type)
			continue;
		return operation->act ? act_on_instance(service, request, operation, refusal) :
					operation->handle(service, request, answer, refusal);
	}
	return refuse_unsupported(request->type, refusal);
}

void service_handle_request(struct service *service, struct evm_message *request)
{
	struct refusal refusal = { .status = EVM_STATUS_OK };
	struct evm_message answer;
	int r;

	evm_message_init(&answer, EVM_ANSWER, request->request);
	r = run_operation(service, request, &answer, &refusal);
	if (r < 0) {
		log_refusal(refusal.status, refusal.text);
		answer.status = refusal.status;
		strcpy(answer.text, refusal.text);
	}
	evm_message_close(request);
	if (r == ANSWERED_LATER)
		return;
	service_send(service, &answer);
	if (answer.status == EVM_STATUS_PROTOCOL)
		service_close_client(service);
}
