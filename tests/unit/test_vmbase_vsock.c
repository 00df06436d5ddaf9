/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "vmbase/vsock.h"
#include "vmbase_vsock_model.h"

static struct vsock vsock;
static struct vsock_connection *connection;

/* The host's side of the tests: what it was sent, and how it answers. */
static char heard[65536];
static uint32_t heard_size;
static uint32_t granted = 65536; /* credit that it gives */
static unsigned operations[8];   /* how many packets of each operation came */
static struct vsock_header peer; /* an answer's header for the connection that is open */

static void count(const struct vsock_packet *packet)
{
	operations[packet->header.operation]++;
}

static void friendly_host(const struct vsock_packet *packet)
{
	count(packet);
	peer = model_answer(packet, VSOCK_DATA);
	if (packet->header.operation == VSOCK_REQUEST) {
		struct vsock_header response = model_answer(packet, VSOCK_RESPONSE);

		response.buffer_size = granted;
		model_deliver(response, NULL);
	} else if (packet->header.operation == VSOCK_DATA) {
		memcpy(heard + heard_size, packet->data, packet->header.size);
		heard_size += packet->header.size;
	} else if (packet->header.operation == VSOCK_SHUTDOWN) {
		model_deliver(model_answer(packet, VSOCK_RESET), NULL);
	}
}

static void start(void)
{
	model_init();
	model.host = friendly_host;
	heard_size = 0;
	granted = 65536;
	memset(operations, 0, sizeof(operations));
	cr_assert_eq(vsock_start(&vsock, &model.device), 0);
}

static void start_connected(void)
{
	start();
	cr_assert_eq(vsock_connect(&vsock, VSOCK_CID_HOST, 123, &connection), 0);
}

/* The host says TEXT on the connection that is open. */
static void say(const char *text, uint32_t size)
{
	peer.operation = VSOCK_DATA;
	peer.size = size;
	model_deliver(peer, text);
}

static void tell(enum vsock_operation operation, uint32_t flags)
{
	peer.operation = (uint16_t)operation;
	peer.flags = flags;
	peer.size = 0;
	model_deliver(peer, NULL);
}

/* A request of the host to the guest's PORT from its own port FROM. */
static void request(uint32_t from, uint32_t port)
{
	peer = (struct vsock_header){
		.source_cid = VSOCK_CID_HOST,
		.target_cid = MODEL_CID,
		.source_port = from,
		.target_port = port,
		.type = VSOCK_TYPE_STREAM,
		.operation = VSOCK_REQUEST,
		.buffer_size = 65536,
	};
	model_deliver(peer, NULL);
}

Test(vmbase_vsock, starting)
{
	model_init();
	model.features |= 1ull << 29 | VIRTIO_F_ACCESS_PLATFORM;
	cr_assert_eq(vsock_start(&vsock, &model.device), 0);
	cr_assert_eq(model.accepted_features, VIRTIO_F_VERSION_1 | VIRTIO_F_ACCESS_PLATFORM,
		     "what is not understood is left");
	cr_assert_eq(vsock_cid(&vsock), MODEL_CID);
	cr_assert_eq(model.device.transport->status(&model.device), 1 | 2 | 4 | 8);
}

Test(vmbase_vsock, devices_that_can_not_be_started)
{
	model_init();
	model.features = 0;
	cr_assert_eq(vsock_start(&vsock, &model.device), -EPROTO, "legacy");
	cr_assert(model.device.transport->status(&model.device) & 128, "it is given up");
	model_init();
	model.refuse_status = 8;
	cr_assert_eq(vsock_start(&vsock, &model.device), -EPROTO, "it does not take the features");
	model_init();
	model.queue_max = 0;
	cr_assert_eq(vsock_start(&vsock, &model.device), -ENODEV, "no queues");
}

Test(vmbase_vsock, a_device_with_small_queues)
{
	model_init();
	model.host = friendly_host;
	model.queue_max = 2;
	cr_assert_eq(vsock_start(&vsock, &model.device), 0);
	cr_assert_eq(vsock_connect(&vsock, VSOCK_CID_HOST, 5, &connection), 0);
	for (int i = 0; i < 10; i++)
		say("ab", 2);
	cr_assert_eq(vsock_receive_all(&vsock, connection, heard, 20), 0);
	cr_assert_eq(memcmp(heard, "abababababababababab", 20), 0);
}

Test(vmbase_vsock, connecting, .init = start)
{
	cr_assert_eq(vsock_connect(&vsock, VSOCK_CID_HOST, 123, &connection), 0);
	cr_assert_eq(model.sent, 1u);
	cr_assert_eq(model.last.operation, VSOCK_REQUEST);
	cr_assert_eq(model.last.target_cid, 2u);
	cr_assert_eq(model.last.target_port, 123u);
	cr_assert_eq(model.last.buffer_size, VSOCK_RECEIVE_SIZE);
	cr_assert_eq(model.last.size, 0u);
}

static void refusing_host(const struct vsock_packet *packet)
{
	model_deliver(model_answer(packet, VSOCK_RESET), NULL);
}

Test(vmbase_vsock, nobody_listens, .init = start)
{
	model.host = refusing_host;
	for (int i = 0; i < 3 * VSOCK_CONNECTIONS; i++) /* and no connection is lost to that */
		cr_assert_eq(vsock_connect(&vsock, VSOCK_CID_HOST, 123, &connection), -ECONNREFUSED);
}

Test(vmbase_vsock, as_many_connections_as_there_are, .init = start)
{
	struct vsock_connection *all[VSOCK_CONNECTIONS], *more;

	for (int i = 0; i < VSOCK_CONNECTIONS; i++)
		cr_assert_eq(vsock_connect(&vsock, VSOCK_CID_HOST, 123, &all[i]), 0);
	cr_assert_eq(vsock_connect(&vsock, VSOCK_CID_HOST, 123, &more), -ENOMEM);
	vsock_close(&vsock, all[3]);
	cr_assert_eq(vsock_connect(&vsock, VSOCK_CID_HOST, 123, &more), 0);
	cr_assert_eq(more, all[3]);
}

Test(vmbase_vsock, sending_in_packets, .init = start_connected)
{
	char text[5000];

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)(i * 7);
	cr_assert_eq(vsock_send(&vsock, connection, text, sizeof(text)), 0);
	cr_assert_eq(operations[VSOCK_DATA], 5u);
	cr_assert_eq(heard_size, sizeof(text));
	cr_assert_eq(memcmp(heard, text, sizeof(text)), 0);
	cr_assert_eq(vsock_send(&vsock, connection, text, 0), 0);
	cr_assert_eq(operations[VSOCK_DATA], 5u, "nothing to send, nothing sent");
}

static void give_more_credit(void)
{
	cr_assert_eq(heard_size % 10, 0u, "never more than there is room for");
	peer.forwarded = heard_size;
	peer.buffer_size = 10;
	tell(VSOCK_CREDIT_UPDATE, 0);
}

Test(vmbase_vsock, sending_waits_for_credit, .init = start)
{
	granted = 10;
	model.idle = give_more_credit;
	cr_assert_eq(vsock_connect(&vsock, VSOCK_CID_HOST, 123, &connection), 0);
	cr_assert_eq(vsock_send(&vsock, connection, "0123456789abcdefghijABCDE", 25), 0);
	cr_assert_eq(heard_size, 25u);
	cr_assert_eq(memcmp(heard, "0123456789abcdefghijABCDE", 25), 0);
	cr_assert_eq(operations[VSOCK_DATA], 3u);
}

static void reset_peer(void)
{
	tell(VSOCK_RESET, 0);
}

Test(vmbase_vsock, a_peer_that_takes_credit_back, .init = start_connected)
{
	cr_assert_eq(vsock_send(&vsock, connection, "abcde", 5), 0);
	peer.buffer_size = 3; /* less than is under way: no room, and no negative room either */
	tell(VSOCK_CREDIT_UPDATE, 0);
	model.idle = reset_peer;
	cr_assert_eq(vsock_send(&vsock, connection, "fghij", 5), -ECONNRESET);
	cr_assert_eq(operations[VSOCK_DATA], 1u);
}

Test(vmbase_vsock, receiving, .init = start_connected)
{
	char text[16];

	say("hello, ", 7);
	say("world", 5);
	cr_assert_eq(vsock_receive(&vsock, connection, text, 3), 3);
	cr_assert_eq(memcmp(text, "hel", 3), 0);
	cr_assert_eq(vsock_receive_all(&vsock, connection, text, 9), 0);
	cr_assert_eq(memcmp(text, "lo, world", 9), 0);
	cr_assert_eq(vsock_receive(&vsock, connection, text, 0), 0);
}

Test(vmbase_vsock, the_end_comes_after_the_data, .init = start_connected)
{
	char text[16];

	say("bye", 3);
	tell(VSOCK_SHUTDOWN, VSOCK_NO_MORE_SEND);
	cr_assert_eq(vsock_receive(&vsock, connection, text, sizeof(text)), 3);
	cr_assert_eq(vsock_receive(&vsock, connection, text, sizeof(text)), 0);
	cr_assert_eq(vsock_receive_all(&vsock, connection, text, 1), -EPIPE);
	cr_assert_eq(vsock_send(&vsock, connection, "still", 5), 0, "the other way is open");
	tell(VSOCK_SHUTDOWN, VSOCK_NO_MORE_RECEIVE);
	cr_assert_eq(vsock_send(&vsock, connection, "not now", 7), -EPIPE);
}

Test(vmbase_vsock, a_reset_comes_after_the_data, .init = start_connected)
{
	char text[16];

	say("bye", 3);
	tell(VSOCK_RESET, 0);
	cr_assert_eq(vsock_receive(&vsock, connection, text, sizeof(text)), 3);
	cr_assert_eq(vsock_receive(&vsock, connection, text, sizeof(text)), -ECONNRESET);
	cr_assert_eq(vsock_send(&vsock, connection, "x", 1), -ECONNRESET);
	vsock_close(&vsock, connection);
	cr_assert_eq(operations[VSOCK_SHUTDOWN], 0u);
}

/* The host keeps to the credit that the guest tells, and gets through twenty times the size of the buffer. */
static uint32_t told, taken_by_guest;

static void host_that_keeps_to_credit(const struct vsock_packet *packet)
{
	friendly_host(packet);
	taken_by_guest = packet->header.forwarded;
}

Test(vmbase_vsock, receiving_gives_credit, .init = start)
{
	static char text[VSOCK_PACKET_DATA];
	uint32_t received = 0;
	char c;

	model.host = host_that_keeps_to_credit;
	cr_assert_eq(vsock_connect(&vsock, VSOCK_CID_HOST, 123, &connection), 0);
	for (told = 0; received < 20 * VSOCK_RECEIVE_SIZE; received++) {
		while (VSOCK_RECEIVE_SIZE - (told - taken_by_guest) >= sizeof(text)) {
			for (size_t i = 0; i < sizeof(text); i++)
				text[i] = (char)((told + i) * 13 >> 4);
			say(text, sizeof(text));
			told += sizeof(text);
		}
		cr_assert_eq(vsock_receive(&vsock, connection, &c, 1), 1);
		cr_assert_eq(c, (char)(received * 13 >> 4));
	}
	cr_assert_leq(operations[VSOCK_CREDIT_UPDATE], 40u, "not a packet for each byte");
}

Test(vmbase_vsock, credit_is_told_when_asked_for, .init = start_connected)
{
	char text[4];

	say("abcd", 4);
	cr_assert_eq(vsock_receive(&vsock, connection, text, 4), 4);
	tell(VSOCK_CREDIT_REQUEST, 0);
	cr_assert_eq(vsock_receive(&vsock, connection, text, 0), 0);
	cr_assert_eq(model.last.operation, VSOCK_CREDIT_UPDATE);
	cr_assert_eq(model.last.forwarded, 4u);
}

Test(vmbase_vsock, a_peer_that_ignores_credit_is_reset, .init = start_connected)
{
	static char text[VSOCK_PACKET_DATA];

	for (int i = 0; i < 5; i++)
		say(text, sizeof(text));
	cr_assert_eq(vsock_receive_all(&vsock, connection, heard, VSOCK_RECEIVE_SIZE), 0, "what fitted is there");
	cr_assert_eq(vsock_receive(&vsock, connection, heard, 1), -ECONNRESET);
	cr_assert_eq(operations[VSOCK_RESET], 1u);
}

Test(vmbase_vsock, listening, .init = start)
{
	char text[8];

	cr_assert_eq(vsock_listen(&vsock, 0), -EINVAL);
	cr_assert_eq(vsock_listen(&vsock, 5000), 0);
	cr_assert_eq(vsock_listen(&vsock, 5000), -EEXIST);
	cr_assert_eq(vsock_accept(&vsock, 5001, &connection), -ENOTCONN);
	request(900, 5000);
	say("hi", 2); /* before it is accepted */
	cr_assert_eq(vsock_accept(&vsock, 5000, &connection), 0);
	cr_assert_eq(operations[VSOCK_RESPONSE], 1u);
	cr_assert_eq(vsock_receive(&vsock, connection, text, sizeof(text)), 2);
	cr_assert_eq(vsock_send(&vsock, connection, "ho", 2), 0);
	cr_assert_eq(model.last.target_port, 900u);
	cr_assert_eq(model.last.source_port, 5000u);
	for (uint32_t port = 5001; port < 5000 + VSOCK_LISTENERS; port++)
		cr_assert_eq(vsock_listen(&vsock, port), 0);
	cr_assert_eq(vsock_listen(&vsock, 6000), -ENOMEM);
}

static void come_later(void)
{
	model.idle = NULL;
	request(901, 5000);
}

Test(vmbase_vsock, accepting_waits, .init = start)
{
	cr_assert_eq(vsock_listen(&vsock, 5000), 0);
	model.idle = come_later;
	cr_assert_eq(vsock_accept(&vsock, 5000, &connection), 0);
	cr_assert_eq(connection->peer_port, 901u);
}

Test(vmbase_vsock, clients_that_leave_before_they_are_accepted, .init = start)
{
	cr_assert_eq(vsock_listen(&vsock, 5000), 0);
	for (uint32_t i = 0; i < 3 * VSOCK_CONNECTIONS; i++) {
		request(1000 + i, 5000);
		tell(VSOCK_RESET, 0);
	}
	request(2000, 5000);
	cr_assert_eq(vsock_accept(&vsock, 5000, &connection), 0);
	cr_assert_eq(connection->peer_port, 2000u, "no connection was lost to them");
}

Test(vmbase_vsock, what_belongs_to_nobody_is_refused, .init = start_connected)
{
	static const enum vsock_operation strays[] = { VSOCK_REQUEST, VSOCK_RESPONSE, VSOCK_DATA, VSOCK_SHUTDOWN,
						       VSOCK_CREDIT_UPDATE };

	for (size_t i = 0; i < sizeof(strays) / sizeof(strays[0]); i++) {
		request(900, 4999);
		peer.operation = (uint16_t)strays[i];
		model_deliver(peer, NULL);
	}
	request(900, 5000);
	tell(VSOCK_RESET, 0);
	cr_assert_eq(vsock_receive(&vsock, connection, heard, 0), 0);
	/* Five strays and the request before each, and the last request; a reset is never answered. */
	cr_assert_eq(operations[VSOCK_RESET], 11u);
	cr_assert_eq(model.last.operation, VSOCK_RESET);
}

Test(vmbase_vsock, packets_of_other_kinds, .init = start_connected)
{
	struct vsock_header ours = peer;

	peer.type = 3; /* datagrams */
	say("x", 1);
	peer = ours;
	peer.target_cid = 99;
	say("x", 1);
	peer = ours;
	model.write_size = 20; /* less than a header */
	say("y", 1);
	peer = ours;
	say("z", 1);
	cr_assert_eq(vsock_receive(&vsock, connection, heard, 8), 1);
	cr_assert_eq(heard[0], 'z');
	cr_assert_eq(operations[VSOCK_RESET], 1u, "to the datagram alone");
}

Test(vmbase_vsock, a_packet_that_claims_more_than_there_is, .init = start_connected)
{
	struct vsock_header ours = peer;

	model.write_size = sizeof(struct vsock_header) + 1;
	say("long", 4);
	peer = ours;
	say("z", 1);
	cr_assert_eq(vsock_receive(&vsock, connection, heard, 8), 1);
	cr_assert_eq(heard[0], 'z');
}

Test(vmbase_vsock, closing, .init = start_connected)
{
	vsock_close(&vsock, connection);
	cr_assert_eq(operations[VSOCK_SHUTDOWN], 1u);
	cr_assert_eq(model.last.flags, VSOCK_NO_MORE);
}

Test(vmbase_vsock, closing_after_the_peer_has, .init = start_connected)
{
	tell(VSOCK_SHUTDOWN, VSOCK_NO_MORE);
	cr_assert_eq(vsock_receive(&vsock, connection, heard, 1), 0);
	vsock_close(&vsock, connection);
	cr_assert_eq(operations[VSOCK_SHUTDOWN], 0u);
	cr_assert_eq(operations[VSOCK_RESET], 1u);
}

/* The host shuts down as the guest does, and waits for a reset itself. */
static void host_that_closes_too(const struct vsock_packet *packet)
{
	struct vsock_header shutdown = model_answer(packet, VSOCK_SHUTDOWN);

	count(packet);
	shutdown.flags = VSOCK_NO_MORE;
	if (packet->header.operation == VSOCK_SHUTDOWN)
		model_deliver(shutdown, NULL);
}

Test(vmbase_vsock, both_close_at_once, .init = start_connected)
{
	model.host = host_that_closes_too;
	vsock_close(&vsock, connection);
	cr_assert_eq(operations[VSOCK_RESET], 1u);
}

/* A device that takes no packet before its own are received must not bring both to a stand. */
Test(vmbase_vsock, transmitting_does_not_block_receiving, .init = start_connected)
{
	model.hold_transmit = 40;
	for (int i = 0; i < 40; i++)
		say("x", 1);
	cr_assert_eq(vsock_send(&vsock, connection, "go", 2), 0);
	cr_assert_eq(vsock_receive_all(&vsock, connection, heard, 40), 0);
}

static void break_device(void)
{
	model.broken = 64;
}

Test(vmbase_vsock, a_broken_device_ends_every_wait, .init = start_connected)
{
	model.idle = break_device;
	cr_assert_eq(vsock_receive(&vsock, connection, heard, 1), -EIO);
	cr_assert_eq(vsock_send(&vsock, connection, "x", 1), -EIO);
	vsock_close(&vsock, connection);
	cr_assert_eq(vsock_connect(&vsock, VSOCK_CID_HOST, 1, &connection), -EIO);
	vsock_listen(&vsock, 5000);
	cr_assert_eq(vsock_accept(&vsock, 5000, &connection), -EIO);
}

Test(vmbase_vsock, a_device_that_lies_ends_the_driver, .init = start_connected)
{
	model.write_size = sizeof(struct vsock_packet) + 1;
	say("x", 1);
	cr_assert_eq(vsock_receive(&vsock, connection, heard, 1), -EIO);
}

Test(vmbase_vsock, the_transport_is_reset, .init = start_connected)
{
	model_event(0);
	cr_assert_eq(vsock_receive(&vsock, connection, heard, 1), -ECONNRESET);
	vsock_close(&vsock, connection);
	cr_assert_eq(vsock_connect(&vsock, VSOCK_CID_HOST, 123, &connection), 0);
}
