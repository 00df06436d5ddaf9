/* SPDX-License-Identifier: Apache-2.0 */
#include "libavf/manager_client.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/clock.h"
#include "common/transport.h"
#include "libavf/manager_path.h"
#include "libavf/manager_process.h"

static int fail(struct evm_client *client, int error, const char *format, ...) __attribute__((format(printf, 3, 4)));

static int fail(struct evm_client *client, int error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(client->error, sizeof(client->error), format, args);
	va_end(args);
	return error;
}

const char *evm_client_error(const struct evm_client *client)
{
	return client->error;
}

static const char *first_existing(const char *const paths[])
{
	for (size_t i = 0; paths[i]; i++)
		if (access(paths[i], F_OK) == 0)
			return paths[i];
	return NULL;
}

int evm_client_start(const char *const paths[], struct evm_client *ret)
{
	struct manager_paths platform;
	const char *path;
	siginfo_t end;
	int r;

	*ret = (struct evm_client){ .connection = -1, .manager = -1 };
	if (!paths) {
		manager_paths_read(EVM_POLICY_FILE, &platform);
		paths = platform.list;
	}
	path = first_existing(paths);
	if (!path)
		return fail(ret, -ENOENT, "there is no manager: neither %s%s%s exists", paths[0],
			    paths[1] ? " nor " : "", paths[1] ? paths[1] : "");
	r = manager_start(path, &ret->connection, &ret->manager, &ret->manager_fd, &end);
	if (r == -ECONNREFUSED)
		return fail(
			ret, r,
			"%s ended before it was ready, by %s %d; if it has logged the reason, it is on standard error",
			path, end.si_code == CLD_EXITED ? "exit status" : "signal", end.si_status);
	return r < 0 ? fail(ret, r, "%s can't be started: %s", path, strerror(-r)) : 0;
}

int evm_client_manager_fd(const struct evm_client *client)
{
	return client->manager > 0 ? client->manager_fd : -1;
}

struct kept_end {
	struct kept_end *next;
	struct evm_end end;
};

void evm_client_close(struct evm_client *client)
{
	int manager_fd = evm_client_manager_fd(client);
	struct kept_end *kept;
	siginfo_t info;

	/* The close alone would end nothing while a forked process has the connection open, too. */
	shutdown(client->connection, SHUT_RDWR);
	client->connection = close_fd(client->connection);
	while ((kept = client->ends)) {
		client->ends = kept->next;
		free(kept);
	}
	client->end_count = 0;
	/* By the descriptor: the number may be another process's, if the program collects its children itself. */
	if (manager_fd >= 0)
		while (waitid(P_PIDFD, (id_t)manager_fd, &info, WEXITED | (client->has_held ? WNOHANG : 0)) < 0 &&
		       errno == EINTR)
			;
	close_fd(manager_fd);
	client->manager = client->manager_fd = -1;
}

/* Removes the end of CID from the list, or the oldest one.  NULL: it is not there. */
static struct kept_end *unlink_end(struct evm_client *client, const uint32_t *cid)
{
	for (struct kept_end **at = &client->ends; *at; at = &(*at)->next) {
		struct kept_end *kept = *at;

		if (cid ? kept->end.cid != *cid : kept->next != NULL)
			continue;
		*at = kept->next;
		client->end_count--;
		return kept;
	}
	return NULL;
}

static int keep_end(struct evm_client *client, const struct evm_end *end)
{
	struct kept_end *kept;

	/* A connection can't have more VMs; if the manager says otherwise, the oldest is the one to forget. */
	if (client->end_count == EVM_MAX_VMS)
		kept = unlink_end(client, NULL);
	else
		kept = malloc(sizeof(*kept));
	if (!kept)
		return fail(client, -ENOMEM, "the end of a VM can't be recorded: %s", strerror(ENOMEM));
	*kept = (struct kept_end){ client->ends, *end };
	client->ends = kept;
	client->end_count++;
	return 0;
}

void evm_client_set_event_handler(struct evm_client *client, evm_event_handler handler, void *data)
{
	client->on_event = handler;
	client->event_data = data;
}

void evm_client_set_end_handler(struct evm_client *client, evm_end_handler handler, void *data)
{
	client->on_end = handler;
	client->end_data = data;
}

static int handle_end(struct evm_client *client, const struct evm_message *message)
{
	struct evm_end end = { .cid = message->cid, .reason = message->reason };

	strcpy(end.text, message->text);
	if (!client->on_end)
		return keep_end(client, &end);
	client->on_end(&end, client->end_data);
	return 0;
}

static bool is_event(uint16_t type)
{
	return type >= EVM_PAYLOAD_STARTED && type <= EVM_PAYLOAD_LOG;
}

static void deliver(const struct evm_client *client, const struct evm_message *message)
{
	struct evm_event event = { message->cid, message->type, (int32_t)message->value, message->text };

	if (client->on_event)
		client->on_event(&event, client->event_data);
}

/*
 * Waits until there is a message or the manager has ended, TIMEOUT_MS at most, -1: without a limit.  The end of the manager
 * must not be taken from the connection alone: a process that was forked while it was made may have its other end open.
 * Returns 1: there is a message, or the connection has ended; 0: the time has passed; or a negative errno.
 */
static int wait_for_message(const struct evm_client *client, int timeout_ms)
{
	struct pollfd fds[] = {
		{ .fd = client->connection, .events = POLLIN },
		{ .fd = evm_client_manager_fd(client), .events = POLLIN },
	};
	int n = poll(fds, 2, timeout_ms);

	if (n <= 0)
		return n < 0 ? -errno : 0;
	/* What the manager sent before its end is still there. */
	if (!fds[0].revents && poll(fds, 1, 0) <= 0)
		return -ECONNRESET;
	return 1;
}

static int receive_message(struct evm_client *client, int flags, struct evm_message *ret, const char **ret_problem)
{
	int r = 1;

	if (!(flags & MSG_DONTWAIT))
		do
			r = wait_for_message(client, -1);
		while (r == -EINTR);
	return r < 0 ? r : evm_receive(client->connection, flags, ret, ret_problem);
}

/* Receives one message and handles it here if it is a notice: the end of a VM is recorded for evm_client_wait. */
static int receive(struct evm_client *client, int flags, struct evm_message *ret)
{
	const char *problem;
	int r = receive_message(client, flags, ret, &problem);

	if (r == -EPROTO)
		return fail(client, r, "the manager's message can't be decoded: %s", problem);
	if (r == -EMFILE)
		return fail(client, r, "%s", problem);
	if (r == -EAGAIN && (flags & MSG_DONTWAIT))
		return r;
	if (r < 0)
		return fail(client, r, "the connection to the manager is lost: %s", strerror(-r));
	if (ret->type != EVM_ANSWER)
		evm_message_close(ret); /* the manager sends none, but may be another version */
	if (ret->type == EVM_VM_DIED)
		return handle_end(client, ret);
	if (is_event(ret->type))
		deliver(client, ret);
	return 0;
}

static int wait_for_answer(struct evm_client *client, uint32_t request, struct evm_message *ret)
{
	int r;

	do
		r = receive(client, 0, ret);
	while (r == 0 && (ret->type == EVM_VM_DIED || is_event(ret->type)));
	if (r < 0)
		return r;
	/* A message that the manager could not read is answered with number 0. */
	if (ret->type == EVM_ANSWER && (ret->request == request || ret->request == 0))
		return 0;
	evm_message_close(ret);
	return fail(client, -EPROTO, "the manager answered another request");
}

/* Receives one message, where an answer is an error. */
static int receive_notice(struct evm_client *client, int flags)
{
	struct evm_message message;
	int r = receive(client, flags, &message);

	if (r < 0 || message.type != EVM_ANSWER)
		return r;
	evm_message_close(&message);
	return fail(client, -EPROTO, "the manager sent an answer without a request");
}

static bool manager_has_ended(const struct evm_client *client)
{
	struct pollfd fds = { .fd = evm_client_manager_fd(client), .events = POLLIN };

	return fds.fd >= 0 && poll(&fds, 1, 0) > 0;
}

int evm_client_receive_notices(struct evm_client *client)
{
	bool ended = manager_has_ended(client); /* before reading: afterwards it sends no more */
	int r;

	do
		r = receive_notice(client, MSG_DONTWAIT);
	while (r == 0);
	if (r != -EAGAIN)
		return r;
	return ended ? fail(client, -ECONNRESET, "the manager has ended") : 0;
}

/* Sends REQUEST and waits for the answer, which replaces it; its descriptor becomes the caller's on success. */
static int call(struct evm_client *client, struct evm_message *message)
{
	int r;

	client->status = EVM_STATUS_OK;
	message->request = ++client->last_request;
	r = evm_send(client->connection, message, 0);
	if (r < 0)
		return fail(client, r == -EPIPE ? -ECONNRESET : r, "the request can't be sent to the manager: %s",
			    strerror(-r));
	r = wait_for_answer(client, message->request, message);
	if (r < 0)
		return r;
	client->status = message->status;
	if (message->status == EVM_STATUS_OK)
		return 0;
	evm_message_close(message);
	return fail(client, evm_status_errno(message->status), "%s", message->text);
}

static int call_without_fd(struct evm_client *client, struct evm_message *message)
{
	int r = call(client, message);

	if (r == 0)
		evm_message_close(message);
	return r;
}

static bool fetch_end(struct evm_client *client, uint32_t cid, struct evm_end *ret)
{
	struct kept_end *kept = unlink_end(client, &cid);

	if (!kept)
		return false;
	*ret = kept->end;
	free(kept);
	return true;
}

static int copy_text(struct evm_client *client, const char *what, const char *text, char *ret, size_t size)
{
	if (strlen(text ? text : "") >= size)
		return fail(client, -EINVAL, "%s is longer than %zu bytes", what, size - 1);
	strcpy(ret, text ? text : "");
	return 0;
}

static void fill_values(const struct evm_vm_config *config, struct evm_message *message)
{
	message->memory_mib = config->memory_mib;
	message->swiotlb_mib = config->swiotlb_mib;
	message->cpu_topology = config->cpu_topology;
	message->vcpu_count = config->vcpu_count;
	message->protected_vm = config->protected_vm;
	message->detect_hangup = config->detect_hangup;
	if (config->instance_id)
		memcpy(message->instance_id, config->instance_id, sizeof(message->instance_id));
	message->kernel = config->kernel;
	message->initrd = config->initrd;
	message->bootloader = config->bootloader;
	message->console = config->console;
	message->console_in = config->console_in;
	message->log = config->log;
	message->device_tree_overlay = config->device_tree_overlay;
}

static int fill_lists(struct evm_client *client, const struct evm_vm_config *config, struct evm_message *message)
{
	if (config->disk_count > EVM_MAX_DISKS)
		return fail(client, -EINVAL, "a VM can't have more than %d disks", EVM_MAX_DISKS);
	if (config->partition_count > EVM_MAX_PARTITIONS)
		return fail(client, -EINVAL, "the disks of a VM can't have more than %d partitions",
			    EVM_MAX_PARTITIONS);
	if (config->memory_file_count > EVM_MAX_MEMORY_FILES)
		return fail(client, -EINVAL, "a VM can't have more than %d memory files", EVM_MAX_MEMORY_FILES);
	for (size_t i = 0; i < config->disk_count; i++)
		message->disks[message->disk_count++] = config->disks[i];
	for (size_t i = 0; i < config->partition_count; i++)
		message->partitions[message->partition_count++] = config->partitions[i];
	for (size_t i = 0; i < config->memory_file_count; i++)
		message->memory_files[message->memory_file_count++] = config->memory_files[i];
	return 0;
}

int evm_client_create_vm(struct evm_client *client, const struct evm_vm_config *config, uint32_t *ret_cid)
{
	struct evm_message message;
	struct evm_end earlier;
	int r;

	evm_message_init(&message, EVM_CREATE_VM, 0);
	if (!config->name || !*config->name)
		return fail(client, -EINVAL, "the VM needs a name");
	r = copy_text(client, "the VM's name", config->name, message.name, sizeof(message.name));
	if (r == 0)
		r = copy_text(client, "the kernel's command line", config->params, message.params,
			      sizeof(message.params));
	if (r == 0)
		r = copy_text(client, "the CPU affinity", config->cpu_affinity, message.cpu_affinity,
			      sizeof(message.cpu_affinity));
	if (r == 0)
		r = copy_text(client, "the list of task profiles", config->task_profiles, message.task_profiles,
			      sizeof(message.task_profiles));
	if (r < 0)
		return r;
	r = fill_lists(client, config, &message);
	if (r < 0)
		return r;
	fill_values(config, &message);
	r = call_without_fd(client, &message);
	if (r < 0)
		return r;
	fetch_end(client, message.cid, &earlier); /* of an earlier VM, which nobody waited for */
	*ret_cid = message.cid;
	return 0;
}

static int call_for_vm(struct evm_client *client, enum evm_message_type type, uint32_t cid, struct evm_message *ret)
{
	evm_message_init(ret, type, 0);
	ret->cid = cid;
	return call_without_fd(client, ret);
}

int evm_client_start_vm(struct evm_client *client, uint32_t cid)
{
	struct evm_message message;

	return call_for_vm(client, EVM_START_VM, cid, &message);
}

int evm_client_stop_vm(struct evm_client *client, uint32_t cid)
{
	struct evm_message message;

	return call_for_vm(client, EVM_STOP_VM, cid, &message);
}

int evm_client_drop_vm(struct evm_client *client, uint32_t cid)
{
	struct evm_message message;

	return call_for_vm(client, EVM_DROP_VM, cid, &message);
}

int evm_client_connect_vsock(struct evm_client *client, uint32_t cid, uint32_t port, int *ret_fd)
{
	struct evm_message message;
	int r;

	evm_message_init(&message, EVM_CONNECT_VSOCK, 0);
	message.cid = cid;
	message.port = port;
	r = call(client, &message);
	if (r < 0)
		return r;
	if (message.connection < 0)
		return fail(client, -EPROTO, "the manager's answer lacks the connection");
	*ret_fd = message.connection;
	return 0;
}

int evm_client_get_state(struct evm_client *client, uint32_t cid, struct evm_vm_status *ret)
{
	struct evm_message message;
	int r = call_for_vm(client, EVM_GET_STATE, cid, &message);

	if (r == 0)
		*ret = (struct evm_vm_status){ message.state, message.reason, (int32_t)message.value };
	return r;
}

int evm_client_get_capabilities(struct evm_client *client, bool *ret_protected_vms)
{
	struct evm_message message;
	int r;

	evm_message_init(&message, EVM_GET_CAPABILITIES, 0);
	r = call_without_fd(client, &message);
	if (r == 0)
		*ret_protected_vms = message.protected_vm;
	return r;
}

int evm_client_hold_vm(struct evm_client *client, uint32_t cid)
{
	struct evm_message message;
	int r = call_for_vm(client, EVM_HOLD_VM, cid, &message);

	if (r == 0)
		client->has_held = true;
	return r;
}

int evm_client_unhold_vm(struct evm_client *client, uint32_t cid)
{
	struct evm_message message;

	return call_for_vm(client, EVM_UNHOLD_VM, cid, &message);
}

int evm_client_list_vms(struct evm_client *client, uint32_t from, struct evm_message *ret)
{
	struct evm_message message;
	int r = call_for_vm(client, EVM_LIST_VMS, from, &message);

	if (r < 0)
		return r;
	if (!message.cid)
		return -ENOENT;
	*ret = message;
	return 0;
}

int evm_client_initialize_partition(struct evm_client *client, int fd, uint64_t size, enum evm_partition_type type)
{
	struct evm_message message;

	evm_message_init(&message, EVM_INITIALIZE_PARTITION, 0);
	message.partition = fd;
	message.size = size;
	message.partition_type = type;
	return call_without_fd(client, &message);
}

int evm_client_create_or_update_idsig(struct evm_client *client, int apk, int idsig)
{
	struct evm_message message;

	evm_message_init(&message, EVM_CREATE_OR_UPDATE_IDSIG_FILE, 0);
	message.apk = apk;
	message.idsig = idsig;
	return call_without_fd(client, &message);
}

int evm_client_wait(struct evm_client *client, uint32_t cid, int timeout_ms, struct evm_end *ret)
{
	int64_t deadline = timeout_ms < 0 ? -1 : clock_ms() + timeout_ms;

	while (!fetch_end(client, cid, ret)) {
		int64_t left = deadline < 0 ? -1 : deadline - clock_ms();
		int r = wait_for_message(client, deadline < 0 ? -1 : left > 0 ? (int)left : 0);

		if (r == -EINTR)
			continue;
		if (r == 0)
			return fail(client, -ETIMEDOUT, "the VM has not ended within the time");
		if (r < 0)
			return fail(client, r, "the connection to the manager is lost: %s", strerror(-r));
		r = receive_notice(client, 0);
		if (r < 0)
			return r;
	}
	return 0;
}
