/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "vmbase/manager.h"
#include "vmbase_vsock_model.h"

static struct vsock vsock;
static struct manager manager;

/* A manager: puts the stream together, answers each message that is whole, and remembers it. */
static uint8_t stream[4096];
static uint32_t stream_size;
static struct evm_guest_header headers[8];
static char texts[8][EVM_GUEST_TEXT_MAX + 1];
static unsigned messages;
static struct evm_guest_reply reply;

static void take_message(const struct vsock_packet *packet)
{
	struct evm_guest_header header;
	struct vsock_header answer = model_answer(packet, VSOCK_DATA);

	memcpy(&header, stream, sizeof(header));
	if (stream_size < sizeof(header) || stream_size < sizeof(header) + header.text_size)
		return;
	cr_assert_eq(stream_size, sizeof(header) + header.text_size, "nothing comes before the answer");
	cr_assert_eq(evm_guest_check_header(&header), EVM_GUEST_OK);
	memcpy(texts[messages], stream + sizeof(header), header.text_size);
	headers[messages++] = header;
	stream_size = 0;
	answer.size = sizeof(reply);
	model_deliver(answer, &reply);
}

static void host(const struct vsock_packet *packet)
{
	if (packet->header.operation == VSOCK_REQUEST) {
		model_deliver(model_answer(packet,
					   packet->header.target_port == MODEL_CID ? VSOCK_RESPONSE : VSOCK_RESET),
			      NULL);
	} else if (packet->header.operation == VSOCK_SHUTDOWN) {
		model_deliver(model_answer(packet, VSOCK_RESET), NULL);
	} else if (packet->header.operation == VSOCK_DATA) {
		memcpy(stream + stream_size, packet->data, packet->header.size);
		stream_size += packet->header.size;
		take_message(packet);
	}
}

static void start(void)
{
	model_init();
	model.host = host;
	stream_size = messages = 0;
	memset(texts, 0, sizeof(texts));
	reply = (struct evm_guest_reply){ .magic = EVM_GUEST_MAGIC, .version = EVM_GUEST_VERSION };
	cr_assert_eq(vsock_start(&vsock, &model.device), 0);
	cr_assert_eq(manager_connect(&manager, &vsock), 0);
}

Test(vmbase_manager, a_life, .init = start)
{
	cr_assert_eq(manager_started(&manager), 0);
	cr_assert_eq(manager_ready(&manager), 0);
	cr_assert_eq(manager_error(&manager, EVM_GUEST_ERROR_PAYLOAD_CHANGED, "it changed"), 0);
	cr_assert_eq(manager_log(&manager, "a line"), 0);
	cr_assert_eq(manager_finished(&manager, -7), 0);
	manager_disconnect(&manager);
	cr_assert_eq(messages, 5u);
	cr_assert_eq(headers[0].type, EVM_GUEST_STARTED);
	cr_assert_eq(headers[1].type, EVM_GUEST_READY);
	cr_assert_eq(headers[2].type, EVM_GUEST_ERROR);
	cr_assert_eq(headers[2].value, 2);
	cr_assert_str_eq(texts[2], "it changed");
	cr_assert_eq(headers[3].type, EVM_GUEST_LOG);
	cr_assert_str_eq(texts[3], "a line");
	cr_assert_eq(headers[4].type, EVM_GUEST_FINISHED);
	cr_assert_eq(headers[4].value, -7);
}

Test(vmbase_manager, long_texts_are_cut, .init = start)
{
	static char text[2000];

	memset(text, 'x', sizeof(text) - 1);
	cr_assert_eq(manager_error(&manager, 0, text), 0);
	cr_assert_eq(headers[0].text_size, EVM_GUEST_TEXT_MAX);
}

Test(vmbase_manager, a_refusal_is_an_error, .init = start)
{
	reply.status = EVM_GUEST_BAD_ORDER;
	cr_assert_eq(manager_ready(&manager), -EPROTO);
	reply.status = EVM_GUEST_OK;
	reply.version = 2;
	cr_assert_eq(manager_ready(&manager), -EPROTO);
	reply.version = EVM_GUEST_VERSION;
	reply.magic = 0;
	cr_assert_eq(manager_ready(&manager), -EPROTO);
}

Test(vmbase_manager, headers_that_are_refused)
{
	const struct evm_guest_header good = {
		.magic = EVM_GUEST_MAGIC, .version = EVM_GUEST_VERSION, .type = EVM_GUEST_ERROR, .text_size = 5
	};
	struct evm_guest_header bad;

	cr_assert_eq(evm_guest_check_header(&good), EVM_GUEST_OK);
	bad = good, bad.magic = 0;
	cr_assert_eq(evm_guest_check_header(&bad), EVM_GUEST_BAD_MESSAGE);
	bad = good, bad.version = 2;
	cr_assert_eq(evm_guest_check_header(&bad), EVM_GUEST_BAD_VERSION);
	bad = good, bad.type = 0;
	cr_assert_eq(evm_guest_check_header(&bad), EVM_GUEST_BAD_MESSAGE);
	bad = good, bad.type = 6;
	cr_assert_eq(evm_guest_check_header(&bad), EVM_GUEST_BAD_MESSAGE);
	bad = good, bad.text_size = EVM_GUEST_TEXT_MAX + 1;
	cr_assert_eq(evm_guest_check_header(&bad), EVM_GUEST_BAD_MESSAGE);
	bad = good, bad.type = EVM_GUEST_FINISHED;
	cr_assert_eq(evm_guest_check_header(&bad), EVM_GUEST_BAD_MESSAGE, "a text where none belongs");
	bad = good, bad.type = EVM_GUEST_READY, bad.text_size = 0, bad.value = 1;
	cr_assert_eq(evm_guest_check_header(&bad), EVM_GUEST_BAD_MESSAGE, "a value where none belongs");
}
