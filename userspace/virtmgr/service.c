/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/service.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/early_vms.h"
#include "common/log.h"
#include "common/platform_policy.h"
#include "common/transport.h"
#include "virtmgr/client_lookup.h"
#include "virtmgr/event_loop.h"
#include "virtmgr/instance.h"
#include "virtmgr/vsock_connects.h"

enum { ANSWERED_LATER = 1 };

struct service {
	const char *root;
	int loop;
	struct client client;
	struct platform_policy policy;
	struct event_source connection, signals;
	struct instance *instances;
	struct vsock_connects connects;
	bool closing; /* no more requests; what runs is being stopped */
};

static struct instance *find_instance(const struct service *service, uint32_t cid)
{
	for (struct instance *i = service->instances; i; i = i->next)
		if (i->config.cid == cid)
			return i;
	return NULL;
}

static void forget_instance(struct service *service, struct instance *instance)
{
	struct instance **at = &service->instances;

	while (*at != instance)
		at = &(*at)->next;
	*at = instance->next;
	instance_free(instance);
}

/* The client is gone, or has to go: its VMs end with it. */
static void begin_closing(struct service *service)
{
	struct refusal ignored;

	if (service->closing)
		return;
	service->closing = true;
	vsock_connects_close(&service->connects);
	event_loop_remove(service->loop, &service->connection);
	service->connection.fd = close_fd(service->connection.fd);
	for (struct instance *i = service->instances; i; i = i->next)
		if (instance_is_running(i))
			instance_stop(i, &ignored);
}

/* A client that does not take what it is sent would miss the end of a VM: better to end than to lose a message. */
static void send_to_client(struct service *service, const struct evm_message *message)
{
	int r;

	if (service->closing)
		return;
	r = evm_send(service->connection.fd, message, MSG_DONTWAIT);
	if (r < 0) {
		log_error("the client can't be answered: %s", strerror(-r));
		begin_closing(service);
	}
}

static void on_died(struct instance *instance, void *data)
{
	struct evm_message message;

	evm_message_init(&message, EVM_VM_DIED, 0);
	message.cid = instance->config.cid;
	message.reason = instance->death.reason;
	strcpy(message.text, instance->death.text);
	send_to_client(data, &message);
}

/* What the guest tells, as the client is told. */
static const struct {
	enum evm_guest_type from;
	enum evm_message_type to;
	bool may_be_left_out;
} reports[] = {
	{ EVM_GUEST_STARTED, EVM_PAYLOAD_STARTED, false },
	{ EVM_GUEST_READY, EVM_PAYLOAD_READY, false },
	{ EVM_GUEST_FINISHED, EVM_PAYLOAD_FINISHED, false },
	{ EVM_GUEST_ERROR, EVM_PAYLOAD_ERROR, true },
	{ EVM_GUEST_LOG, EVM_PAYLOAD_LOG, true },
};

/* A guest that says much must not fill the client's socket: that would end the connection, and all its VMs. */
static void on_guest(struct instance *instance, const struct guest_message *report, void *data)
{
	struct service *service = data;
	struct evm_message message;

	for (size_t i = 0; i < sizeof(reports) / sizeof(reports[0]); i++) {
		if (reports[i].from != report->type)
			continue;
		if (reports[i].may_be_left_out && !evm_peer_keeps_up(service->connection.fd))
			return;
		evm_message_init(&message, reports[i].to, 0);
		message.cid = instance->config.cid;
		message.value = (uint32_t)report->value;
		strcpy(message.text, report->text);
		send_to_client(service, &message);
	}
}

_Static_assert((int)EVM_MAX_TEXT_BYTES >= (int)EVM_GUEST_TEXT_MAX, "a guest's text fits a message");

/* A dead VM of the same CID makes room for the new one. */
static int make_room(struct service *service, uint32_t cid, struct refusal *refusal)
{
	struct instance *old = find_instance(service, cid);
	size_t count = 0;

	if (old && old->state == EVM_STATE_DEAD)
		forget_instance(service, old);
	for (struct instance *i = service->instances; i; i = i->next)
		count++;
	return count < EVM_MAX_VMS ? 0 :
				     turn_down(refusal, EVM_STATUS_UNSUPPORTED, "a connection can't have more than %d VMs", EVM_MAX_VMS);
}

static int create_entry(struct service *service, struct evm_message *request, const struct early_vm *entry,
			struct evm_message *answer, struct refusal *refusal)
{
	const struct vmm_path *vmm = vmm_choose(service->root, &service->policy, refusal);
	struct instance *instance;
	int r;

	if (!vmm)
		return evm_status_errno(refusal->status);
	r = make_room(service, entry->cid, refusal);
	if (r == 0)
		r = instance_create(service->loop, service->root, entry, vmm, request, &instance, refusal);
	if (r < 0)
		return r;
	instance->on_died = on_died;
	instance->on_guest = on_guest;
	instance->data = service;
	instance->next = service->instances;
	service->instances = instance;
	answer->cid = entry->cid;
	return 0;
}

static int create_vm(struct service *service, struct evm_message *request, struct evm_message *answer, struct refusal *refusal)
{
	struct early_vms vms;
	const struct early_vm *entry;
	int r;

	if (!client_is_parent(&service->client))
		return turn_down(refusal, EVM_STATUS_NOT_LISTED, "VM '%s': the client that started this manager is gone",
				 request->name);
	r = early_vms_read(service->root, &service->policy.partitions, &vms);
	if (r < 0)
		return turn_down(refusal, EVM_STATUS_INTERNAL, "the lists of VMs can't be read: %s", strerror(-r));
	r = client_find_vm(&service->client, service->root, &service->policy.partitions, &vms, request->name, &entry, refusal);
	if (r == 0)
		r = create_entry(service, request, entry, answer, refusal);
	early_vms_free(&vms);
	return r;
}

static int with_instance(struct service *service, const struct evm_message *request, struct instance **ret,
			 struct refusal *refusal)
{
	*ret = find_instance(service, request->cid);
	return *ret ? 0 : turn_down(refusal, EVM_STATUS_STATE, "this connection has no VM with CID %u", request->cid);
}

static int start_vm(struct service *service, struct evm_message *request, struct evm_message *answer, struct refusal *refusal)
{
	struct instance *instance;
	int r = with_instance(service, request, &instance, refusal);

	(void)answer;
	return r < 0 ? r : instance_start(instance, refusal);
}

static int stop_vm(struct service *service, struct evm_message *request, struct evm_message *answer, struct refusal *refusal)
{
	struct instance *instance;
	int r = with_instance(service, request, &instance, refusal);

	(void)answer;
	return r < 0 ? r : instance_stop(instance, refusal);
}

static int get_state(struct service *service, struct evm_message *request, struct evm_message *answer, struct refusal *refusal)
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

static void on_connected(uint32_t request, int result, void *data)
{
	struct evm_message answer;

	evm_message_init(&answer, EVM_ANSWER, request);
	if (result < 0) {
		answer.status = EVM_STATUS_GUEST;
		snprintf(answer.text, sizeof(answer.text), "Failed to connect: %s", strerror(-result));
		log_error("%s", answer.text);
	} else {
		answer.connection = result;
	}
	send_to_client(data, &answer);
	evm_message_close(&answer);
}

static int drop_vm(struct service *service, struct evm_message *request, struct evm_message *answer, struct refusal *refusal)
{
	struct instance *instance;
	int r = with_instance(service, request, &instance, refusal);

	(void)answer;
	if (r < 0)
		return r;
	if (instance_is_running(instance))
		return turn_down(refusal, EVM_STATUS_STATE, "VM is running; it has to be stopped first");
	forget_instance(service, instance);
	return 0;
}

/* A handler returns 0, a negative errno with REFUSAL filled, or ANSWERED_LATER. */
static const struct {
	uint16_t type;
	int (*handle)(struct service *service, struct evm_message *request, struct evm_message *answer, struct refusal *refusal);
} handlers[] = {
	{ EVM_CREATE_VM, create_vm },
	{ EVM_START_VM, start_vm },
	{ EVM_STOP_VM, stop_vm },
	{ EVM_GET_STATE, get_state },
	{ EVM_CONNECT_VSOCK, connect_vsock },
	{ EVM_DROP_VM, drop_vm },
};

static int handle_request(struct service *service, struct evm_message *request, struct evm_message *answer,
			  struct refusal *refusal)
{
	for (size_t i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++)
		if (handlers[i].type == request->type)
			return handlers[i].handle(service, request, answer, refusal);
	return turn_down(refusal, EVM_STATUS_PROTOCOL, "the message is not a request");
}

static void answer_request(struct service *service, struct evm_message *request)
{
	struct refusal refusal = { .status = EVM_STATUS_OK };
	struct evm_message answer;
	int r;

	evm_message_init(&answer, EVM_ANSWER, request->request);
	r = handle_request(service, request, &answer, &refusal);
	if (r < 0) {
		log_error("%s", refusal.text);
		answer.status = refusal.status;
		strcpy(answer.text, refusal.text);
	}
	evm_message_close(request);
	if (r == ANSWERED_LATER)
		return;
	send_to_client(service, &answer);
	if (answer.status == EVM_STATUS_PROTOCOL)
		begin_closing(service);
}

static void refuse_message(struct service *service, const char *problem)
{
	struct evm_message answer;

	log_error("the client broke the protocol: %s", problem);
	evm_message_init(&answer, EVM_ANSWER, 0);
	answer.status = EVM_STATUS_PROTOCOL;
	snprintf(answer.text, sizeof(answer.text), "%s", problem);
	send_to_client(service, &answer);
	begin_closing(service);
}

/* Short of descriptors: this request fails, and the client's other VMs go on. */
static void refuse_request(struct service *service, const struct evm_message *request, const char *problem)
{
	struct evm_message answer;

	log_error("request %u: %s", request->request, problem);
	evm_message_init(&answer, EVM_ANSWER, request->request);
	answer.status = EVM_STATUS_INTERNAL;
	snprintf(answer.text, sizeof(answer.text), "%s", problem);
	send_to_client(service, &answer);
}

static void lose_client(struct service *service, int error)
{
	if (error != -ECONNRESET)
		log_error("the client can't be heard: %s", strerror(-error));
	begin_closing(service);
}

static void on_request(struct event_source *source, uint32_t events)
{
	struct service *service = source->owner;
	struct evm_message request;
	const char *problem;
	int r = evm_receive(source->fd, MSG_DONTWAIT, &request, &problem);

	(void)events;
	if (r == 0)
		answer_request(service, &request);
	else if (r == -EPROTO)
		refuse_message(service, problem);
	else if (r == -EMFILE)
		refuse_request(service, &request, problem);
	else if (r != -EAGAIN)
		lose_client(service, r);
}

static void on_signal(struct event_source *source, uint32_t events)
{
	struct service *service = source->owner;
	struct signalfd_siginfo info;

	(void)events;
	if (read(source->fd, &info, sizeof(info)) == sizeof(info))
		log_info("ending, asked by signal %u of process %u", info.ssi_signo, info.ssi_pid);
	begin_closing(service);
}

static int open_signals(void)
{
	sigset_t set;
	int fd;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

static int listen_to_client(struct service *service, int ready)
{
	int r = open_signals();

	if (r < 0)
		return r;
	service->signals = (struct event_source){ r, on_signal, service };
	r = service->loop = service->connects.loop = event_loop_open();
	if (r >= 0)
		r = event_loop_add(service->loop, &service->signals, EPOLLIN);
	if (r == 0)
		r = event_loop_add(service->loop, &service->connection, EPOLLIN);
	if (r == 0 && write(ready, "o", 1) != 1)
		r = -errno;
	/* Otherwise the client would take the end of the pipe for ours, and kill this process before it says what failed. */
	if (r == 0)
		close_fd(ready);
	return r;
}

static bool any_running(const struct service *service)
{
	for (struct instance *i = service->instances; i; i = i->next)
		if (instance_is_running(i))
			return true;
	return false;
}

static int serve(struct service *service, int ready)
{
	int r = listen_to_client(service, ready);

	while (r == 0 && !(service->closing && !any_running(service)))
		r = event_loop_turn(service->loop);
	if (r < 0)
		log_error("the manager can't serve: %s", strerror(-r));
	return r;
}

static void service_free(struct service *service)
{
	vsock_connects_close(&service->connects);
	while (service->instances)
		forget_instance(service, service->instances);
	close_fd(service->connection.fd);
	close_fd(service->signals.fd);
	close_fd(service->loop);
	client_close(&service->client);
	platform_policy_free(&service->policy);
}

enum evm_exit_code service_run(const char *root, int connection, int ready)
{
	struct service service = {
		.root = root, .loop = -1, .client.exe = -1, .signals.fd = -1,
		.connection = { connection, on_request, &service },
	};
	enum evm_exit_code code = EVM_EXIT_OK;

	vsock_connects_init(&service.connects, -1, on_connected, &service);
	if (client_identify(&service.client) < 0)
		code = EVM_EXIT_FAILURE;
	else if (platform_policy_read(root, NULL, &service.policy) < 0)
		code = EVM_EXIT_CONFIG;
	else if (serve(&service, ready) < 0)
		code = EVM_EXIT_FAILURE;
	service_free(&service);
	return code;
}
