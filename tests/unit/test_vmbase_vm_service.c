/* SPDX-License-Identifier: Apache-2.0 */
/* The guest's side of IVirtualMachineService, against the manager's. */
#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/log.h"
#include "vmbase/vm_service.h"
#include "vmbase_vsock_model.h"
#include "virtmgr/guest_listener.h"

static struct vsock vsock;
static struct vm_service service;
static struct guest_listener listener;
static struct guest_message heard[8];
static unsigned int heard_count;
static int loop, host_end;

static enum evm_guest_status handle(const struct guest_message *message, void *data)
{
	(void)data;
	heard[heard_count++] = *message;
	return message->type == EVM_GUEST_READY && heard_count > 2 ? EVM_GUEST_BAD_ORDER : EVM_GUEST_OK;
}

/* What the manager says goes to the guest in packets. */
static void pass_on(const struct vsock_packet *packet)
{
	struct pollfd ready = { .fd = loop, .events = POLLIN };
	uint8_t bytes[256];
	ssize_t n;

	while (poll(&ready, 1, 0) == 1)
		event_loop_turn(loop);
	while ((n = recv(host_end, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0) {
		struct vsock_header header = model_answer(packet, VSOCK_DATA);

		header.size = (uint32_t)n;
		model_deliver(header, bytes);
	}
	if (n == 0)
		model_deliver(model_answer(packet, VSOCK_RESET), NULL);
}

static void host(const struct vsock_packet *packet)
{
	if (packet->header.operation == VSOCK_REQUEST) {
		model_deliver(model_answer(packet, VSOCK_RESPONSE), NULL);
	} else if (packet->header.operation == VSOCK_SHUTDOWN) {
		model_deliver(model_answer(packet, VSOCK_RESET), NULL);
	} else if (packet->header.operation == VSOCK_DATA) {
		cr_assert_eq(send(host_end, packet->data, packet->header.size, MSG_NOSIGNAL),
			     (ssize_t)packet->header.size);
		pass_on(packet);
	}
}

static void begin(void)
{
	int ends[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
	host_end = ends[0];
	loop = event_loop_open();
	guest_listener_init(&listener);
	cr_assert_eq(guest_listener_start(&listener, loop, handle, NULL), 0);
	guest_listener_take(&listener, ends[1], listener.cid);
	heard_count = 0;
	model_init();
	model.host = host;
	cr_assert_eq(vsock_start(&vsock, &model.device), 0);
}

static void end(void)
{
	guest_listener_close(&listener);
	close(host_end);
	close(loop);
}

#define CASE(name) Test(vmbase_vm_service, name, .init = begin, .fini = end)

CASE(a_life)
{
	cr_assert_eq(vm_service_connect(&service, &vsock), 0);
	cr_expect_eq(vm_service_started(&service), 0);
	cr_expect_eq(vm_service_ready(&service), 0);
	cr_expect_eq(vm_service_error(&service, EVM_GUEST_ERROR_PAYLOAD_CHANGED, "it changed"), 0);
	cr_expect_eq(vm_service_ready(&service), -EPROTO, "a call that the host refuses");
	cr_expect_eq(vm_service_finished(&service, -7), 0, "... and the next one");
	vm_service_disconnect(&service);
	cr_assert_eq(heard_count, 5);
	cr_expect_eq(heard[0].type, EVM_GUEST_STARTED);
	cr_expect_eq(heard[1].type, EVM_GUEST_READY);
	cr_expect(heard[2].type == EVM_GUEST_ERROR && heard[2].value == 2);
	cr_expect_str_eq(heard[2].text, "it changed");
	cr_expect(heard[4].type == EVM_GUEST_FINISHED && heard[4].value == -7);
}

CASE(long_texts_are_cut)
{
	char text[400];

	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	cr_assert_eq(vm_service_connect(&service, &vsock), 0);
	cr_expect_eq(vm_service_error(&service, 0, text), 0);
	cr_expect_eq(strlen(heard[0].text), (size_t)VM_SERVICE_TEXT_MAX);
	vm_service_disconnect(&service);
}

static void host_of_zeros(const struct vsock_packet *packet)
{
	static const uint8_t zeros[64];
	struct vsock_header header = model_answer(packet, VSOCK_DATA);

	header.size = sizeof(zeros);
	if (packet->header.operation == VSOCK_DATA)
		model_deliver(header, zeros);
	else
		host(packet);
}

CASE(a_host_that_speaks_otherwise)
{
	model.host = host_of_zeros;
	cr_expect_eq(vm_service_connect(&service, &vsock), -EPROTO);
	cr_expect_null(service.connection);
}
