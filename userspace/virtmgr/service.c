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
#include "common/log.h"
#include "common/transport.h"
#include "virtmgr/nested.h"
#include "virtmgr/service_state.h"

struct instance *service_find(const struct service *service, uint32_t cid)
{
	for (struct instance *i = service->instances; i; i = i->next)
		if (i->config.cid == cid)
			return i;
	return NULL;
}

void service_forget(struct service *service, struct instance *instance)
{
	struct instance **at = &service->instances;

	while (*at != instance)
		at = &(*at)->next;
	*at = instance->next;
	instance_free(instance);
}

/* Stops the running VMs, held ones only if HELD; frees the others, which can't be started any more. */
static void end_instances(struct service *service, bool held)
{
	struct instance *next;
	struct refusal ignored;

	for (struct instance *i = service->instances; i; i = next) {
		next = i->next;
		if (!instance_is_running(i))
			service_forget(service, i);
		else if (held || !hold_is_on(&i->hold))
			instance_stop(i, &ignored);
	}
}

void service_close_client(struct service *service)
{
	if (service->client_gone)
		return;
	service->client_gone = true;
	vsock_connects_close(&service->connects);
	event_loop_remove(service->loop, &service->connection);
	service->connection.fd = close_fd(service->connection.fd);
	outbox_clear(&service->outbox);
	if (service->door)
		binder_door_close(service->door);
	end_instances(service, false);
}

void service_notice_unheld(struct instance *instance, void *data)
{
	struct service *service = data;
	struct refusal ignored;

	if (service->client_gone)
		instance_stop(instance, &ignored);
}

/* Requests are read only while no message waits to be sent; epoll reports a hang-up in any case. */
static int listen_as_fits(struct service *service)
{
	return event_loop_change(service->loop, &service->connection, outbox_is_empty(&service->outbox) ? EPOLLIN : EPOLLOUT);
}

/* A client that would miss the end of a VM must not go on as if it ran: the connection is closed. */
static void give_client_up(struct service *service, int error)
{
	log_error("sending to the client failed: %s", strerror(-error));
	service_close_client(service);
}

void service_send(struct service *service, const struct evm_message *message)
{
	bool was_empty = outbox_is_empty(&service->outbox);
	int r;

	if (service->door) {
		binder_door_tell(service->door, message);
		return;
	}
	if (service->client_gone)
		return;
	r = outbox_send(&service->outbox, service->connection.fd, message);
	if (r == 0 && was_empty != outbox_is_empty(&service->outbox))
		r = listen_as_fits(service);
	if (r < 0)
		give_client_up(service, r);
}

static void refuse_message(struct service *service, const char *problem)
{
	struct evm_message answer;

	log_error("the client broke the protocol: %s", problem);
	evm_message_init(&answer, EVM_ANSWER, 0);
	answer.status = EVM_STATUS_PROTOCOL;
	snprintf(answer.text, sizeof(answer.text), "%s", problem);
	service_send(service, &answer);
	service_close_client(service);
}

/* Out of descriptors: this request fails, and the client's other VMs go on. */
static void refuse_request(struct service *service, const struct evm_message *request, const char *problem)
{
	struct evm_message answer;

	log_error("request %u: %s", request->request, problem);
	evm_message_init(&answer, EVM_ANSWER, request->request);
	answer.status = EVM_STATUS_INTERNAL;
	snprintf(answer.text, sizeof(answer.text), "%s", problem);
	service_send(service, &answer);
}

static void lose_client(struct service *service, int error)
{
	if (error != -ECONNRESET)
		log_error("receiving from the client failed: %s", strerror(-error));
	service_close_client(service);
}

static void receive_request(struct service *service)
{
	struct evm_message request;
	const char *problem;
	int r = evm_receive(service->connection.fd, MSG_DONTWAIT, &request, &problem);

	if (r == 0)
		service_answer(service, &request);
	else if (r == -EPROTO)
		refuse_message(service, problem);
	else if (r == -EMFILE)
		refuse_request(service, &request, problem);
	else if (r != -EAGAIN)
		lose_client(service, r);
}

static void send_kept(struct service *service)
{
	int r = outbox_flush(&service->outbox, service->connection.fd);

	if (r == 0 && outbox_is_empty(&service->outbox))
		r = listen_as_fits(service);
	if (r < 0)
		give_client_up(service, r);
}

static void on_connection(struct event_source *source, uint32_t events)
{
	struct service *service = source->owner;

	(void)events;
	if (outbox_is_empty(&service->outbox))
		receive_request(service);
	else
		send_kept(service);
}

/* A client that speaks RPC binder asks here for connections, and calls on those. */
static void on_bootstrap(struct event_source *source, uint32_t events)
{
	struct service *service = source->owner;
	int r = binder_door_ready(service->door);

	(void)events;
	if (r < 0)
		lose_client(service, r);
}

static void on_signal(struct event_source *source, uint32_t events)
{
	struct service *service = source->owner;
	struct signalfd_siginfo info;

	(void)events;
	if (read(source->fd, &info, sizeof(info)) == sizeof(info))
		log_info("stopping all VMs: signal %u from process %u", info.ssi_signo, info.ssi_pid);
	service_close_client(service);
	end_instances(service, true);
}

/* A child that the client has forked may keep the connection open; the client's exit ends its VMs. */
static void on_client_end(struct event_source *source, uint32_t events)
{
	struct service *service = source->owner;

	(void)events;
	event_loop_remove(service->loop, source);
	service_close_client(service);
}

/*
 * SIGTERM ends all VMs.  What a terminal sends to its processes, or to those that a session leaves behind, is for the client: its
 * end ends the VMs, but for those that are held, which outlive the session.
 */
static int open_signals(void)
{
	sigset_t set;
	int fd;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
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
	service->client_end = (struct event_source){ service->client.pidfd, on_client_end, service };
	if (r == 0)
		r = event_loop_add(service->loop, &service->client_end, EPOLLIN);
	if (r == 0 && write(ready, "o", 1) != 1)
		r = -errno;
	/*
	 * Kept open on failure: the client would mistake the end of the pipe for this process's exit, and kill it
	 * before it has logged the reason.
	 */
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

	while (r == 0 && !(service->client_gone && !any_running(service)))
		r = event_loop_turn(service->loop);
	if (r < 0)
		log_error("the event loop failed: %s", strerror(-r));
	return r;
}

static void service_free(struct service *service)
{
	vsock_connects_close(&service->connects);
	outbox_clear(&service->outbox);
	binder_door_free(service->door);
	while (service->instances)
		service_forget(service, service->instances);
	close_fd(service->connection.fd);
	close_fd(service->signals.fd);
	close_fd(service->loop);
	client_close(&service->client);
	platform_policy_free(&service->policy);
}

/* The kind of the client's socket tells what is spoken on it. */
static int open_door(struct service *service, const struct options *options)
{
	if (!options->speaks_binder)
		return 0;
	service->connection.ready = on_bootstrap;
	service->door = binder_door_new(service, options->rpc_server_fd, options->aidl_release);
	return service->door ? 0 : -ENOMEM;
}

enum evm_exit_code service_run(const char *root, const struct options *options)
{
	struct service service = {
		.root = root, .loop = -1, .client = { .exe = -1, .pidfd = -1 }, .signals.fd = -1,
		.connection = { options->rpc_server_fd, on_connection, &service },
	};
	enum evm_exit_code code = EVM_EXIT_OK;

	outbox_init(&service.outbox);
	vsock_connects_init(&service.connects, -1, service_notice_connection, &service);
	if (client_identify(options->rpc_server_fd, &service.client) < 0 || open_door(&service, options) < 0)
		code = EVM_EXIT_FAILURE;
	else if (platform_policy_read(root, NULL, &service.policy) < 0)
		code = EVM_EXIT_CONFIG;
	if (code == EVM_EXIT_OK) {
		service.hangup_seconds = options_hangup_seconds(options, &service.policy, host_is_nested(root));
		if (serve(&service, options->ready_fd) < 0)
			code = EVM_EXIT_FAILURE;
	}
	service_free(&service);
	return code;
}
