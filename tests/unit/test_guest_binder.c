/* SPDX-License-Identifier: Apache-2.0 */
/* A guest of Android's, as it was recorded, on the port where others speak early_vm/guest_protocol.h. */
#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/log.h"
#include "descriptor_count.h"
#include "rpc_transcript.h"
#include "rpcbinder/parcel.h"
#include "virtmgr/guest_listener.h"

static struct guest_listener listener;
static struct guest_message heard[8];
static size_t heard_count;
static int loop, before;
static struct transcript *transcript;

static enum evm_guest_status handle(const struct guest_message *message, void *data)
{
	cr_expect_eq(data, &heard_count);
	cr_assert_lt(heard_count, 8);
	heard[heard_count++] = *message;
	return message->type == EVM_GUEST_READY ? EVM_GUEST_BAD_ORDER : EVM_GUEST_OK;
}

static char logged[4096];
static int logged_lines;

static void record(void *data, enum log_level level, const char *message)
{
	(void)data, (void)level;
	logged_lines++;
	strncat(logged, message, sizeof(logged) - strlen(logged) - 1);
}

static void begin(void)
{
	before = count_descriptors();
	log_set_sink(record, NULL);
	transcript = transcript_read("guest");
	loop = event_loop_open();
	guest_listener_init(&listener);
	cr_assert_eq(guest_listener_start(&listener, loop, handle, &heard_count), 0);
}

static void end(void)
{
	guest_listener_close(&listener);
	guest_listener_close(&listener);
	close(loop);
	transcript_free(transcript);
	cr_expect_eq(count_descriptors(), before, "nothing is left open");
}

#define CASE(name) Test(virtmgr_guest_binder, name, .init = begin, .fini = end, .timeout = 60)

static int connect_guest(void)
{
	int ends[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
	guest_listener_take(&listener, ends[1], listener.cid);
	return ends[0];
}

/* Reads what there is.  False at the end of the connection, which leaves errno as it was. */
static bool is_open(int guest)
{
	char bytes[4096];
	ssize_t n;

	while ((n = recv(guest, bytes, sizeof(bytes), 0)) > 0)
		;
	return n < 0 && errno == EAGAIN;
}

/* The loop's turns as long as there is something to do. */
static void run(void)
{
	struct pollfd ready = { .fd = loop, .events = POLLIN };

	while (poll(&ready, 1, 0) == 1)
		event_loop_turn(loop);
}

static void say(int guest, const void *bytes, size_t size)
{
	cr_assert_eq(send(guest, bytes, size, MSG_NOSIGNAL), (ssize_t)size);
	run();
}

/* The status of the next reply, past references; and the first number of its parcel. */
static int32_t next_reply(int guest, int32_t *ret_number)
{
	uint8_t message[512];

	*ret_number = 0;
	while (recv(guest, message, RPC_HEADER_BYTES, 0) == RPC_HEADER_BYTES) {
		size_t size = get_le32(message + 4);

		cr_assert_leq(size, sizeof(message) - RPC_HEADER_BYTES);
		cr_assert_eq(recv(guest, message + RPC_HEADER_BYTES, size, 0), (ssize_t)size);
		if (get_le32(message) != RPC_REPLY)
			continue;
		if (size > RPC_REPLY_BYTES)
			*ret_number = (int32_t)get_le32(message + RPC_HEADER_BYTES + RPC_REPLY_BYTES);
		return (int32_t)get_le32(message + RPC_HEADER_BYTES);
	}
	return 1;
}

/* Says what the recorded guest said, from message FROM on, COUNT messages. */
static void replay(int guest, size_t count)
{
	for (size_t i = 0; i < transcript->count && count; i++)
		if (transcript->messages[i].to_server && transcript->messages[i].size) {
			say(guest, transcript->messages[i].bytes, transcript->messages[i].size);
			count--;
		}
}

CASE(a_recorded_guest_is_heard)
{
	static const struct {
		const char *call;
		int32_t status, number;
	} replies[] = {
		{ "GET_MAX_THREADS", RPC_OK, 1 },
		{ "GET_SESSION_ID", RPC_OK, RPC_SESSION_ID_BYTES },
		{ "GET_ROOT", RPC_OK, RPC_OBJECT_BINDER },
		{ "the interface's name", RPC_OK, 59 },
		{ "notifyPayloadStarted", RPC_OK, RPC_EX_NONE },
		{ "notifyPayloadReady, out of order", RPC_OK, RPC_EX_ILLEGAL_STATE },
		{ "requestAttestation", RPC_OK, RPC_EX_UNSUPPORTED_OPERATION },
		{ "getSecretkeeper", RPC_NAME_NOT_FOUND, 0 },
		{ "notifyError", RPC_OK, RPC_EX_NONE },
		{ "notifyPayloadFinished", RPC_OK, RPC_EX_NONE },
		{ "no more", 1, 0 },
	};
	int guest = connect_guest();
	uint8_t response[RPC_RESPONSE_BYTES];

	replay(guest, SIZE_MAX);
	cr_assert_eq(recv(guest, response, sizeof(response), 0), (ssize_t)sizeof(response));
	for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
		int32_t number, status = next_reply(guest, &number);

		cr_expect_eq(status, replies[i].status, "%s: status %d", replies[i].call, status);
		cr_expect_eq(number, replies[i].number, "%s: %d", replies[i].call, number);
	}
	cr_assert_eq(heard_count, 4);
	cr_expect_eq(heard[0].type, EVM_GUEST_STARTED);
	cr_expect_eq(heard[1].type, EVM_GUEST_READY);
	cr_expect(heard[2].type == EVM_GUEST_ERROR && heard[2].value == 1);
	cr_expect_str_eq(heard[2].text, "payload changed");
	cr_expect(heard[3].type == EVM_GUEST_FINISHED && heard[3].value == 7);
	close(guest);
	run();
}

/* Both protocols on one port, at once; a byte at a time. */
CASE(beside_the_other_protocol)
{
	const struct evm_guest_header started = { EVM_GUEST_MAGIC, EVM_GUEST_VERSION, EVM_GUEST_STARTED, 0, 0 };
	int android = connect_guest(), other = connect_guest();
	struct evm_guest_reply reply;

	for (size_t i = 0; i < transcript->messages[0].size; i++) {
		say(android, transcript->messages[0].bytes + i, 1);
		if (i < sizeof(started))
			say(other, (const uint8_t *)&started + i, 1);
	}
	cr_assert_eq(heard_count, 1);
	cr_expect_eq(recv(other, &reply, sizeof(reply), 0), (ssize_t)sizeof(reply));
	cr_expect_eq(reply.status, EVM_GUEST_OK);
	replay(android, 0);
	close(android);
	close(other);
	run();
}

/* A guest that asks for more than it may: its connection ends, the other's goes on. */
CASE(bad_guests)
{
	static const uint8_t unix_mode[] = { 2, 0, 0, 0, 0, 1 };
	uint8_t long_message[RPC_HEADER_BYTES] = { 0 };
	int guests[8], good = connect_guest();
	uint8_t bytes[64];
	int open = 0;

	replay(good, 2);
	for (int i = 0; i < 8; i++) {
		uint8_t header[RPC_CONNECTION_HEADER_BYTES] = { 0 };

		memcpy(header, unix_mode, sizeof(unix_mode));
		guests[i] = connect_guest();
		say(guests[i], header, sizeof(header));
		open += is_open(guests[i]);
		close(guests[i]);
	}
	cr_expect_eq(open, 0, "there are no descriptors over vsock");
	cr_expect_eq(logged_lines, 8, "%s", logged);
	cr_expect(strstr(logged, "has failed: the peer asked for another mode of descriptor passing"), "%s", logged);
	put_le32(long_message + 4, 8192);
	cr_expect(is_open(good), "the good one's session goes on");
	say(good, long_message, sizeof(long_message));
	cr_expect_eq(recv(good, bytes, sizeof(bytes), 0), 0, "until it says too much");
	cr_expect(strstr(logged, "has failed: a message is too long"), "%s", logged);
	close(good);
	run();
}

/* Each refusal names its own cause, and no more of them are logged than other errors of the VM's connections. */
CASE(connections_without_a_session)
{
	static const uint8_t version[] = { 2 };
	int guests[RPC_MAX_HANDSHAKES + 2 * GUEST_MAX_COMPLAINTS];

	for (size_t i = 0; i < sizeof(guests) / sizeof(guests[0]); i++) {
		guests[i] = connect_guest();
		say(guests[i], version, sizeof(version));
		cr_expect_eq(is_open(guests[i]), i < RPC_MAX_HANDSHAKES, "connection %zu", i);
	}
	cr_expect(strstr(logged, "has failed: too many others have not started a session yet"), "%s", logged);
	cr_expect_eq(logged_lines, GUEST_MAX_COMPLAINTS, "%s", logged);
	for (size_t i = 0; i < sizeof(guests) / sizeof(guests[0]); i++)
		close(guests[i]);
	run();
}

CASE(the_end_of_a_session_is_no_error)
{
	int guest = connect_guest();

	replay(guest, 5);
	close(guest);
	run();
	cr_expect_eq(logged_lines, 0, "%s", logged);
}

/* The owner ends while a guest is connected. */
CASE(the_end)
{
	int guest = connect_guest();

	replay(guest, 5);
	guest_listener_close(&listener);
	cr_expect_not(is_open(guest));
	cr_expect_eq(logged_lines, 0, "%s", logged);
	close(guest);
}
