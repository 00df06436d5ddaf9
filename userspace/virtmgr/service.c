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
#include "virtmgr/packet_connection.h"
#include "virtmgr/selinux_context.h"
#include "virtmgr/service_state.h"

static void binder_send(struct service *service, const struct evm_message *message)
{
	binder_door_tell(service->door, message);
}

static void binder_close(struct service *service)
{
	binder_door_close(service->door);
}

static const struct wire binder_wire = { binder_send, binder_close };

/* A client that speaks RPC binder requests connections here, and calls on those. */
static void on_bootstrap(struct event_source *source, uint32_t events)
{
	struct service *service = source->owner;
	int r = binder_door_ready(service->door);

	(void)events;
	if (r < 0)
		service_lose_client(service, r);
}

static void on_signal(struct event_source *source, uint32_t events)
{
	struct service *service = source->owner;
	struct signalfd_siginfo info;

	(void)events;
	if (read(source->fd, &info, sizeof(info)) == sizeof(info))
		log_info("stopping all VMs: signal %u from process %u", info.ssi_signo, info.ssi_pid);
	service_close_client(service);
	service_stop_instances(service, true);
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
	r = service->loop = service->connects.loop = service->idsigs.loop = event_loop_open();
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

static int serve(struct service *service, int ready)
{
	int r = listen_to_client(service, ready);

	while (r == 0 && !(service->client_gone && !service_any_running(service)))
		r = event_loop_turn(service->loop);
	if (r < 0)
		log_error("the event loop failed: %s", strerror(-r));
	return r;
}

static void service_free(struct service *service)
{
	vsock_connects_close(&service->connects);
	idsig_jobs_close(&service->idsigs);
	send_queue_clear(&service->queue);
	binder_door_free(service->door);
	while (service->instances)
		service_forget(service, service->instances);
	close_fd(service->connection.fd);
	close_fd(service->signals.fd);
	close_fd(service->loop);
	client_close(&service->client);
	vm_lists_free(&service->lists);
	platform_policy_free(&service->policy);
}

/* For the list of VMs alone, so the VMs do without it. */
static void read_selinux_context(const char *root, struct client *client)
{
	int r = selinux_client_context(root, client->selinux_context, sizeof(client->selinux_context));

	if (r < 0)
		log_warning("the SELinux context of the client can't be read: %s", strerror(-r));
}

/* The kind of the client's socket tells what is spoken on it. */
static int open_door(struct service *service, const struct options *options)
{
	if (!options->speaks_binder)
		return 0;
	service->wire = &binder_wire;
	service->connection.ready = on_bootstrap;
	service->door = binder_door_new(service, options->rpc_server_fd, options->aidl_release);
	return service->door ? 0 : -ENOMEM;
}

enum evm_exit_code service_run(const char *root, const struct options *options)
{
	struct service service = {
		.root = root,
		.loop = -1,
		.wire = &packet_wire,
		.client = { .exe = -1, .pidfd = -1 },
		.signals.fd = -1,
		.connection = { options->rpc_server_fd, packet_connection_ready, &service },
	};
	enum evm_exit_code code = EVM_EXIT_OK;

	send_queue_init(&service.queue);
	vsock_connects_init(&service.connects, -1, service_on_connection, &service);
	service.idsigs = (struct idsig_jobs){ .loop = -1, .done = service_on_idsig, .data = &service };
	if (client_identify(options->rpc_server_fd, &service.client) < 0 || open_door(&service, options) < 0)
		code = EVM_EXIT_FAILURE;
	else if (platform_policy_read(root, NULL, &service.policy) < 0)
		code = EVM_EXIT_CONFIG;
	if (code == EVM_EXIT_OK) {
		read_selinux_context(root, &service.client);
		service.hangup_seconds = options_hangup_seconds(options, &service.policy, host_is_nested(root));
		if (serve(&service, options->ready_fd) < 0)
			code = EVM_EXIT_FAILURE;
	}
	service_free(&service);
	return code;
}
