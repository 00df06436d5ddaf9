/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of RPC binder with descriptors; that others wait and keep their order shows in test_rpc_session.c. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/byte_order.h"
#include "descriptor_count.h"
#include "rpcbinder/send_queue.h"
#include "rpcbinder/wire.h"

enum { BODY_BYTES = RPC_REPLY_BYTES + 100 };

static struct rpc_send_queue queue;
static int own, peer, before, parked[2];
static struct rlimit limit;

static void begin(void)
{
	int ends[2];

	before = count_descriptors();
	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	own = ends[0];
	peer = ends[1];
	getrlimit(RLIMIT_NOFILE, &limit);
	cr_assert(park_descriptors(parked));
}

static void end(void)
{
	rpc_send_queue_clear(&queue);
	close(parked[0]);
	close(parked[1]);
	close(own);
	close(peer);
	setrlimit(RLIMIT_NOFILE, &limit);
	cr_expect_eq(count_descriptors(), before, "nothing is left open");
}

#define CASE(name) Test(rpc_send_queue, name, .init = begin, .fini = end, .timeout = 60)

static int put(enum rpc_command command, bool descriptor)
{
	uint8_t head[RPC_HEADER_BYTES] = { 0 }, body[BODY_BYTES];
	int fd = descriptor ? dup(own) : -1;

	put_le32(head, command);
	put_le32(head + 4, sizeof(body));
	memset(body, 0x5a, sizeof(body));
	return rpc_send_queue_add(&queue, own, head, sizeof(head), body, sizeof(body), &fd, descriptor);
}

static void expect_message(size_t size, uint32_t status)
{
	uint8_t head[RPC_HEADER_BYTES], body[BODY_BYTES];

	cr_assert_eq(recv(peer, head, sizeof(head), MSG_DONTWAIT), (ssize_t)sizeof(head));
	cr_expect_eq(get_le32(head), RPC_REPLY);
	cr_assert_eq(get_le32(head + 4), size);
	cr_assert_eq(recv(peer, body, size, MSG_DONTWAIT), (ssize_t)size);
	cr_expect_eq(get_le32(body), status);
}

CASE(a_reply_whose_descriptors_can_not_be_sent_fails_alone)
{
	char byte;

	cr_expect_eq(put(RPC_REPLY, true), 0);
	cr_expect_eq(put(RPC_REPLY, false), 0);
	cr_expect(rpc_send_queue_is_empty(&queue));
	cr_expect_eq(queue.bytes, 0);
	expect_message(RPC_REPLY_BYTES, (uint32_t)RPC_NO_MEMORY);
	expect_message(BODY_BYTES, 0x5a5a5a5a);
	cr_expect_eq(recv(peer, &byte, 1, MSG_DONTWAIT), -1, "and nothing else");
}

/* The peer would take a reply for the one of another call; there is no such message for a call. */
CASE(a_call_whose_descriptors_can_not_be_sent_is_an_error)
{
	cr_expect_eq(put(RPC_TRANSACT, true), -ETOOMANYREFS);
}
