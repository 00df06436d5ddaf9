/* SPDX-License-Identifier: Apache-2.0 */
/* AVirtualizationService_*, and the connection that all requests share. */
#include "libavf/virtualization_service.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "libavf/error.h"
#include "libavf/vm_state.h"

static void on_end(const struct evm_end *end, void *data)
{
	AVirtualizationService *service = data;

	pthread_mutex_lock(&service->state_lock);
	vm_state_take_end(service, end);
	pthread_mutex_unlock(&service->state_lock);
}

static void on_event(const struct evm_event *event, void *data)
{
	AVirtualizationService *service = data;

	pthread_mutex_lock(&service->state_lock);
	vm_state_take_event(service, event);
	pthread_mutex_unlock(&service->state_lock);
}

static void lose_manager(AVirtualizationService *service)
{
	pthread_mutex_lock(&service->state_lock);
	vm_state_lose_manager(service);
	pthread_mutex_unlock(&service->state_lock);
}

struct reader {
	struct pollfd connection, manager, wake;
};

/*
 * Waits until there is something to receive, or the manager has ended.  1; 0: the service is being destroyed; or a negative errno:
 * a program that has limited its descriptors to fewer than 3, to confine itself, can't wait for them (-EINVAL).
 */
static int wait_for_notice(const struct reader *reader)
{
	struct pollfd fds[] = { reader->connection, reader->manager, reader->wake };
	int n;

	do
		n = poll(fds, 3, -1);
	while (n < 0 && (errno == EINTR || errno == ENOMEM));
	if (n < 0)
		return -errno;
	return !fds[2].revents;
}

/* The descriptors stay open until this thread has ended. */
static void *read_notices(void *data)
{
	AVirtualizationService *service = data;
	struct reader reader = {
		{ .fd = service->client.connection, .events = POLLIN },
		{ .fd = evm_client_manager_fd(&service->client), .events = POLLIN },
		{ .fd = service->wake, .events = POLLIN },
	};
	int r;

	while ((r = wait_for_notice(&reader)) > 0) {
		pthread_mutex_lock(&service->connection_lock);
		r = evm_client_receive_notices(&service->client);
		pthread_mutex_unlock(&service->connection_lock);
		if (r < 0)
			break;
	}
	if (r < 0) {
		/* What can't be waited for or decoded ends the connection, and the manager with it: nobody would be told of an end any more. */
		shutdown(reader.connection.fd, SHUT_RDWR);
		lose_manager(service);
	}
	return NULL;
}

static int start_reader(AVirtualizationService *service)
{
	int r;

	service->wake = eventfd(0, EFD_CLOEXEC);
	if (service->wake < 0)
		return -errno;
	r = start_thread(&service->reader, read_notices, service);
	if (r < 0)
		service->wake = close_fd(service->wake);
	return r;
}

int service_open(const struct evm_client *client, AVirtualizationService **ret)
{
	struct evm_client unused = *client;
	AVirtualizationService *service = service_new(client);
	int r = -ENOMEM;

	if (service) {
		evm_client_set_end_handler(&service->client, on_end, service);
		evm_client_set_event_handler(&service->client, on_event, service);
		r = start_reader(service);
	}
	if (r < 0) {
		evm_client_close(&unused);
		if (service)
			service_unref(service);
		return avf_fail(r, "the connection to the manager can't be served: %s", strerror(-r));
	}
	*ret = service;
	return 0;
}

int AVirtualizationService_create(AVirtualizationService **ret, bool early)
{
	static const char regular_manager[] = "/apex/com.android.virt/bin/virtmgr";
	struct evm_client client;
	int r;

	if (!early && access(regular_manager, F_OK) == 0)
		return avf_fail(-ENOTSUP, "only early VMs are supported, and not those of %s", regular_manager);
	if (!early)
		avf_warn("there is no manager but that of early VMs: it is used, though early VMs were not asked for");
	r = evm_client_start(NULL, &client);
	return r < 0 ? avf_fail(r, "%s", evm_client_error(&client)) : service_open(&client, ret);
}

void AVirtualizationService_destroy(AVirtualizationService *service)
{
	if (!service)
		return;
	/* Ends a request that waits for its answer, and the manager, even if a forked process has the connection open, too. */
	shutdown(service->client.connection, SHUT_RDWR);
	eventfd_write(service->wake, 1);
	pthread_join(service->reader, NULL);
	pthread_mutex_lock(&service->connection_lock);
	service->closed = true;
	evm_client_close(&service->client);
	pthread_mutex_unlock(&service->connection_lock);
	lose_manager(service);
	service_unref(service);
}

int request_begin(AVirtualizationService *service)
{
	pthread_mutex_lock(&service->connection_lock);
	if (!service->closed)
		return 0;
	pthread_mutex_unlock(&service->connection_lock);
	return avf_fail(-EIO, "the service was destroyed");
}

int request_end(AVirtualizationService *service, int r)
{
	if (r < 0)
		avf_fail_status(service->client.status, "%s", evm_client_error(&service->client));
	/* Request and answer may be out of step now: the reader notices the end of the connection, and records it. */
	if (r == -EPROTO || r == -ECONNRESET)
		shutdown(service->client.connection, SHUT_RDWR);
	pthread_mutex_unlock(&service->connection_lock);
	return r < 0 ? -EIO : 0;
}

static bool may_request(AVirtualMachine *vm)
{
	return !vm->ended && !vm->destroying;
}

static bool may_stop(AVirtualMachine *vm)
{
	return vm->started && !vm->ended;
}

static int request_begin_if(AVirtualMachine *vm, bool (*may)(AVirtualMachine *vm))
{
	int r = request_begin(vm->service);
	bool allowed;

	if (r < 0)
		return r;
	vm_lock(vm);
	allowed = may(vm);
	vm_unlock(vm);
	if (allowed)
		return 0;
	pthread_mutex_unlock(&vm->service->connection_lock);
	return avf_fail(-EIO, "VM is not running");
}

int vm_request_begin(AVirtualMachine *vm)
{
	return request_begin_if(vm, may_request);
}

int last_request_begin(AVirtualMachine *vm)
{
	return request_begin_if(vm, may_stop);
}
