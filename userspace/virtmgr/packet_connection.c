/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/packet_connection.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "common/log.h"
#include "common/transport.h"
#include "virtmgr/service_state.h"

/* Requests are read only while no message waits to be sent; epoll reports a hang-up in any case. */
static int wait_for_client(struct service *service)
{
	return event_loop_change(service->loop, &service->connection,
				 send_queue_is_empty(&service->queue) ? EPOLLIN : EPOLLOUT);
}

/* A client that would miss the end of a VM must not go on as if it ran: the connection is closed. */
static void fail_sending(struct service *service, int error)
{
	log_error("sending to the client failed: %s", strerror(-error));
	service_close_client(service);
}

static void send_message(struct service *service, const struct evm_message *message)
{
	bool was_empty = send_queue_is_empty(&service->queue);
	int r;

	if (service->client_gone)
		return;
	r = send_queue_send(&service->queue, service->connection.fd, message);
	if (r == 0 && was_empty != send_queue_is_empty(&service->queue))
		r = wait_for_client(service);
	if (r < 0)
		fail_sending(service, r);
}

static void drop_queue(struct service *service)
{
	send_queue_clear(&service->queue);
}

const struct wire packet_wire = { send_message, drop_queue };

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

static void receive_request(struct service *service)
{
	struct evm_message request;
	const char *problem;
	int r = evm_receive(service->connection.fd, MSG_DONTWAIT, &request, &problem);

	if (r == 0)
		service_handle_request(service, &request);
	else if (r == -EPROTO)
		refuse_message(service, problem);
	else if (r == -EMFILE)
		refuse_request(service, &request, problem);
	else if (r != -EAGAIN)
		service_lose_client(service, r);
}

static void send_queued(struct service *service)
{
	int r = send_queue_flush(&service->queue, service->connection.fd);

	if (r == 0 && send_queue_is_empty(&service->queue))
		r = wait_for_client(service);
	if (r < 0)
		fail_sending(service, r);
}

void packet_connection_ready(struct event_source *source, uint32_t events)
{
	struct service *service = source->owner;

	(void)events;
	if (send_queue_is_empty(&service->queue))
		receive_request(service);
	else
		send_queued(service);
}
