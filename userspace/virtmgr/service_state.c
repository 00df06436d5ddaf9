/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/service_state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "common/transport.h"

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
void service_stop_instances(struct service *service, bool held)
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

void service_send(struct service *service, const struct evm_message *message)
{
	service->wire->send(service, message);
}

/* Those that wait for the end of a VM: a client that has closed its half of the connection reads on. */
static void refuse_successors(struct service *service)
{
	for (struct instance *i = service->instances; i; i = i->next) {
		struct evm_message *waiting = i->successor, answer;

		if (!waiting)
			continue;
		i->successor = NULL; /* sending may come back here */
		evm_message_init(&answer, EVM_ANSWER, waiting->request);
		answer.status = EVM_STATUS_VM_RUNNING;
		snprintf(answer.text, sizeof(answer.text),
			 "the connection was closed before the VM with CID %u had ended", i->config.cid);
		evm_message_close(waiting);
		free(waiting);
		service_send(service, &answer);
	}
}

void service_close_client(struct service *service)
{
	if (service->client_gone)
		return;
	refuse_successors(service);
	if (service->client_gone) /* a client that can't be sent an answer is closed */
		return;
	service->client_gone = true;
	vsock_connects_close(&service->connects);
	idsig_jobs_close(&service->idsigs);
	event_loop_remove(service->loop, &service->connection);
	service->connection.fd = close_fd(service->connection.fd);
	service->wire->close(service);
	service_stop_instances(service, false);
}

void service_lose_client(struct service *service, int error)
{
	if (error != -ECONNRESET)
		log_error("receiving from the client failed: %s", strerror(-error));
	service_close_client(service);
}

void service_on_unheld(struct instance *instance, void *data)
{
	struct service *service = data;
	struct refusal ignored;

	if (service->client_gone)
		instance_stop(instance, &ignored);
}

bool service_any_running(const struct service *service)
{
	for (struct instance *i = service->instances; i; i = i->next)
		if (instance_is_running(i))
			return true;
	return false;
}
