/* SPDX-License-Identifier: Apache-2.0 */
/* The client library against a manager's end of the connection that the test holds itself. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/transport.h"
#include "descriptor_count.h"
#include "libavf/manager_client.h"

static char heard[1000];

static void hear(const struct evm_event *event, void *data)
{
	size_t length = strlen(heard);

	cr_expect_eq(data, heard);
	snprintf(heard + length, sizeof(heard) - length, "%u: %x %d '%s'\n", event->cid, event->type, event->value,
		 event->text);
}

static struct evm_client connect_client(int *ret_manager)
{
	int ends[2];

	heard[0] = 0;
	cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	*ret_manager = ends[1];
	return (struct evm_client){ .connection = ends[0], .manager = -1 };
}

static void send_event(int manager, uint16_t type, uint32_t request, int32_t value, const char *text)
{
	struct evm_message message;

	evm_message_init(&message, type, request);
	message.cid = 123;
	message.value = (uint32_t)value;
	strcpy(message.text, text);
	cr_assert_eq(evm_send(manager, &message, 0), 0);
}

static void send_all_kinds(int manager)
{
	send_event(manager, EVM_PAYLOAD_STARTED, 0, 0, "");
	send_event(manager, EVM_PAYLOAD_LOG, 0, 0, "a line");
	send_event(manager, EVM_PAYLOAD_LOG, 0, 0, "");
	send_event(manager, EVM_PAYLOAD_READY, 0, 0, "");
	send_event(manager, EVM_PAYLOAD_ERROR, 0, -5, "an error");
	send_event(manager, EVM_PAYLOAD_FINISHED, 0, -1, "");
}

static const char all_kinds[] =
	"123: 102 0 ''\n123: 106 0 'a line'\n123: 106 0 ''\n123: 103 0 ''\n123: 105 -5 'an error'\n123: 104 -1 ''\n";

Test(virtmgr_client_events, they_are_delivered_while_the_end_is_waited_for)
{
	struct evm_end end;
	int manager;
	struct evm_client client = connect_client(&manager);

	evm_client_set_event_handler(&client, hear, heard);
	send_all_kinds(manager);
	send_event(manager, EVM_VM_DIED, 0, 0, "");
	cr_assert_eq(evm_client_wait(&client, 123, -1, &end), 0);
	cr_expect_str_eq(heard, all_kinds);
	evm_client_close(&client);
	close(manager);
}

Test(virtmgr_client_events, they_may_come_before_an_answer)
{
	struct evm_vm_status status;
	int manager;
	struct evm_client client = connect_client(&manager);

	evm_client_set_event_handler(&client, hear, heard);
	send_all_kinds(manager);
	send_event(manager, EVM_ANSWER, 1, 0, "");
	cr_expect_eq(evm_client_get_state(&client, 123, &status), 0);
	cr_expect_str_eq(heard, all_kinds);
	evm_client_close(&client);
	close(manager);
}

Test(virtmgr_client_events, without_a_handler_they_are_thrown_away)
{
	struct evm_end end;
	int manager;
	struct evm_client client = connect_client(&manager);

	send_all_kinds(manager);
	send_event(manager, EVM_VM_DIED, 0, 0, "");
	cr_expect_eq(evm_client_wait(&client, 123, -1, &end), 0);
	evm_client_close(&client);
	close(manager);
}

Test(virtmgr_client_events, an_answer_that_nobody_asked_for_keeps_no_descriptor)
{
	struct evm_message message;
	struct evm_end end;
	int manager, before = count_descriptors();
	struct evm_client client = connect_client(&manager);

	evm_message_init(&message, EVM_ANSWER, 1);
	message.connection = manager;
	cr_assert_eq(evm_send(manager, &message, 0), 0);
	cr_expect_eq(evm_client_wait(&client, 123, -1, &end), -EPROTO);
	cr_expect_str_eq(evm_client_error(&client), "the manager sent an answer without a request");
	evm_client_close(&client);
	close(manager);
	cr_expect_eq(count_descriptors(), before);
}

/* What the manager goes by before it sends what may be left out. */
Test(virtmgr_client_events, a_peer_keeps_up_while_a_part_of_the_buffer_is_free)
{
	struct evm_message message;
	const char *problem;
	int manager, sent = 0;
	struct evm_client client = connect_client(&manager);

	for (; evm_peer_keeps_up(manager, 2); sent++)
		send_event(manager, EVM_PAYLOAD_LOG, 0, 0, "a line");
	cr_expect_gt(sent, 0);
	for (sent = 0; evm_peer_keeps_up(manager, 3); sent++)
		send_event(manager, EVM_PAYLOAD_ERROR, 0, 0, "an error");
	cr_expect_gt(sent, 0, "lines have left room for errors");
	evm_message_init(&message, EVM_VM_DIED, 0);
	cr_assert_eq(evm_send(manager, &message, MSG_DONTWAIT), 0, "there is room for more");
	while (evm_receive(client.connection, MSG_DONTWAIT, &message, &problem) == 0)
		;
	cr_expect(evm_peer_keeps_up(manager, 2));
	evm_client_close(&client);
	close(manager);
}

/* A client that looks for the ends of its VMs late finds each of them, in whatever order it asks. */
Test(virtmgr_client_events, ends_are_kept_until_they_are_fetched)
{
	struct evm_message message;
	struct evm_end end;
	struct evm_vm_status status;
	int manager;
	struct evm_client client = connect_client(&manager);

	for (uint32_t cid = 100; cid < 100 + EVM_MAX_VMS; cid++) {
		evm_message_init(&message, EVM_VM_DIED, 0);
		message.cid = cid;
		message.reason = cid % 7;
		cr_assert_eq(evm_send(manager, &message, 0), 0);
		send_event(manager, EVM_ANSWER, cid - 99, 0, "");
		cr_assert_eq(evm_client_get_state(&client, cid, &status), 0);
	}
	for (uint32_t cid = 99 + EVM_MAX_VMS; cid >= 100; cid--) {
		cr_assert_eq(evm_client_wait(&client, cid, 0, &end), 0);
		cr_expect_eq(end.cid, cid);
		cr_expect_eq(end.reason, cid % 7);
	}
	cr_expect_eq(evm_client_wait(&client, 100, 0, &end), -ETIMEDOUT, "each is told once");
	send_event(manager, EVM_VM_DIED, 0, 0, "one that nobody fetches");
	send_event(manager, EVM_ANSWER, client.last_request + 1, 0, "");
	cr_expect_eq(evm_client_get_state(&client, 123, &status), 0);
	evm_client_close(&client);
	close(manager);
}
