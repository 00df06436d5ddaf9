/* SPDX-License-Identifier: Apache-2.0 */
/* Messages to the client that are not the immediate answer to a request. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/transport.h"
#include "virtmgr/service_state.h"

void service_on_death(struct instance *instance, void *data)
{
	struct evm_message message, *next = instance->successor;
	struct service *service = data;

	evm_message_init(&message, EVM_VM_DIED, 0);
	message.cid = instance->config.cid;
	message.reason = instance->death.reason;
	strcpy(message.text, instance->death.text);
	instance->successor = NULL;
	service_send(service, &message); /* may free the instance */
	if (!next)
		return;
	if (service->client_gone)
		evm_message_close(next);
	else
		service_handle_request(service, next);
	free(next);
}

/* The guest's reports and the client's messages for them; those that may be left out, by how much of its socket's buffer they may fill. */
static const struct {
	enum evm_guest_type from;
	enum evm_event_type to;
	int quarters; /* 0: it may not be left out */
} reports[] = {
	{ EVM_GUEST_STARTED, EVM_PAYLOAD_STARTED, 0 },   { EVM_GUEST_READY, EVM_PAYLOAD_READY, 0 },
	{ EVM_GUEST_FINISHED, EVM_PAYLOAD_FINISHED, 0 }, { EVM_GUEST_ERROR, EVM_PAYLOAD_ERROR, 3 },
	{ EVM_GUEST_LOG, EVM_PAYLOAD_LOG, 2 },
};

_Static_assert((int)EVM_MAX_TEXT_BYTES >= (int)EVM_GUEST_TEXT_MAX, "a guest's text fits a message");

/* Reports that a guest may repeat must fill neither the client's socket nor the manager's memory. */
static bool client_keeps_up(const struct service *service, int quarters)
{
	return send_queue_is_empty(&service->queue) && evm_peer_keeps_up(service->connection.fd, quarters);
}

void service_on_guest(struct instance *instance, const struct guest_message *report, void *data)
{
	struct service *service = data;
	struct evm_message message;

	for (size_t i = 0; i < sizeof(reports) / sizeof(reports[0]); i++) {
		if (reports[i].from != report->type)
			continue;
		if (reports[i].quarters && !client_keeps_up(service, reports[i].quarters))
			return;
		evm_message_init(&message, reports[i].to, 0);
		message.cid = instance->config.cid;
		message.value = (uint32_t)report->value;
		strcpy(message.text, report->text);
		service_send(service, &message);
	}
}

void service_on_connection(uint32_t request, int result, void *data)
{
	struct evm_message answer;

	evm_message_init(&answer, EVM_ANSWER, request);
	if (result < 0) {
		answer.status = EVM_STATUS_GUEST;
		snprintf(answer.text, sizeof(answer.text), "Failed to connect: %s", strerror(-result));
		log_refusal(answer.status, answer.text);
	} else {
		answer.connection = result;
	}
	service_send(data, &answer);
	evm_message_close(&answer);
}

void service_on_idsig(uint32_t request, int result, const struct reason *reason, void *data)
{
	struct evm_message answer;

	evm_message_init(&answer, EVM_ANSWER, request);
	if (result < 0) {
		/* The APK's fault is one of the request; anything else, such as a full file system, is not. */
		answer.status = result == -ENODATA ? EVM_STATUS_CONFIG : EVM_STATUS_INTERNAL;
		snprintf(answer.text, sizeof(answer.text), "the idsig file can't be made: %s", reason->text);
		log_refusal(answer.status, answer.text);
	}
	service_send(data, &answer);
}
