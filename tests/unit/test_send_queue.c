/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/transport.h"
#include "descriptor_count.h"
#include "virtmgr/send_queue.h"

static struct send_queue queue;
static int own, client, before;

static void begin(void)
{
	int ends[2];

	before = count_descriptors();
	cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	own = ends[0];
	client = ends[1];
	send_queue_init(&queue);
}

static void end(void)
{
	send_queue_clear(&queue);
	close(own);
	close(client);
	cr_expect_eq(count_descriptors(), before, "nothing is left open");
}

#define CASE(name) Test(virtmgr_send_queue, name, .init = begin, .fini = end, .timeout = 60)

static int put(uint32_t cid)
{
	struct evm_message message;

	evm_message_init(&message, EVM_VM_DIED, 0);
	message.cid = cid;
	memset(message.text, 't', EVM_MAX_TEXT_BYTES);
	return send_queue_send(&queue, own, &message);
}

static uint32_t take(void)
{
	struct evm_message message;
	const char *problem;

	return evm_receive(client, MSG_DONTWAIT, &message, &problem) == 0 ? message.cid : 0;
}

/* Sends until something has to wait; returns how many were sent or wait. */
static uint32_t fill(void)
{
	uint32_t count = 0;

	while (send_queue_is_empty(&queue))
		cr_assert_eq(put(++count), 0);
	return count;
}

CASE(a_client_that_reads_is_told_at_once)
{
	cr_expect_eq(put(7), 0);
	cr_expect(send_queue_is_empty(&queue));
	cr_expect_eq(take(), 7);
}

CASE(what_waits_keeps_its_order)
{
	uint32_t count = fill(), next = 1;

	cr_assert_eq(put(++count), 0);
	cr_expect_eq(send_queue_flush(&queue, own), 0);
	cr_expect_not(send_queue_is_empty(&queue), "there is no room yet");
	for (; next <= count; next++) {
		cr_assert_eq(take(), next);
		cr_assert_eq(send_queue_flush(&queue, own), 0);
	}
	cr_expect(send_queue_is_empty(&queue));
	cr_expect_eq(put(4711), 0);
	cr_expect_eq(take(), 4711);
}

CASE(it_does_not_grow_for_ever)
{
	uint32_t count = fill();

	for (unsigned int i = 1; i < SEND_QUEUE_MAX_MESSAGES; i++)
		cr_assert_eq(put(++count), 0);
	cr_expect_eq(put(1), -ENOBUFS);
}

CASE(a_descriptor_waits_with_its_message)
{
	struct evm_message message;
	const char *problem;
	uint32_t count = fill();
	int pipe_ends[2];
	char byte = 0;

	cr_assert_eq(pipe(pipe_ends), 0);
	evm_message_init(&message, EVM_ANSWER, 1);
	message.connection = pipe_ends[0];
	cr_assert_eq(send_queue_send(&queue, own, &message), 0);
	close(pipe_ends[0]);
	for (uint32_t i = 1; i <= count; i++) {
		cr_assert_eq(take(), i);
		cr_assert_eq(send_queue_flush(&queue, own), 0);
	}
	cr_assert_eq(evm_receive(client, MSG_DONTWAIT, &message, &problem), 0);
	cr_expect_eq(write(pipe_ends[1], "x", 1), 1);
	cr_expect_eq(read(message.connection, &byte, 1), 1);
	cr_expect_eq(byte, 'x');
	evm_message_close(&message);
	close(pipe_ends[1]);
}

CASE(what_is_cleared_is_closed)
{
	struct evm_message message;

	fill();
	evm_message_init(&message, EVM_ANSWER, 1);
	message.connection = own;
	cr_expect_eq(send_queue_send(&queue, own, &message), 0);
	/* `end' clears, and counts. */
}

CASE(a_client_that_is_gone_is_an_error)
{
	fill();
	shutdown(client, SHUT_RDWR);
	cr_expect_eq(send_queue_flush(&queue, own), -EPIPE);
	send_queue_clear(&queue);
	cr_expect_eq(put(1), -EPIPE);
}

/* The answer to a request, with a descriptor. */
static int put_descriptor(uint32_t request)
{
	struct evm_message message;

	evm_message_init(&message, EVM_ANSWER, request);
	message.connection = own;
	return send_queue_send(&queue, own, &message);
}

static void expect_refusal(uint32_t request, const char *text)
{
	struct evm_message message;
	const char *problem;

	cr_assert_eq(evm_receive(client, MSG_DONTWAIT, &message, &problem), 0);
	cr_expect_eq(message.type, EVM_ANSWER);
	cr_expect_eq(message.request, request);
	cr_expect_eq(message.status, EVM_STATUS_INTERNAL);
	cr_expect_str_eq(message.text, text);
	cr_expect_eq(message.connection, -1);
}

/* It concerns this answer alone. */
CASE(a_descriptor_that_can_not_be_kept_is_refused)
{
	uint32_t count = fill();
	struct rlimit limit = forbid_descriptors();

	cr_expect_eq(put_descriptor(7), 0);
	allow_descriptors(&limit);
	cr_expect_eq(put(++count), 0);
	for (uint32_t i = 1; i < count; i++) {
		cr_assert_eq(take(), i);
		cr_assert_eq(send_queue_flush(&queue, own), 0);
	}
	expect_refusal(7, "the descriptor can't be passed to the client: Too many open files");
	cr_expect_eq(take(), count);
}

CASE(a_descriptor_that_can_not_be_sent_is_refused)
{
	static const char text[] = "the descriptor can't be passed to the client: Too many references: cannot splice";
	uint32_t count = fill(), last = count + 1;
	struct rlimit limit;
	int parked[2];

	getrlimit(RLIMIT_NOFILE, &limit);
	cr_assert_eq(put_descriptor(7), 0, "it waits");
	cr_assert_eq(put_descriptor(8), 0);
	cr_assert(park_descriptors(parked));
	for (uint32_t i = 1; i <= count; i++) {
		cr_assert_eq(take(), i);
		cr_assert_eq(send_queue_flush(&queue, own), 0);
	}
	expect_refusal(7, text);
	expect_refusal(8, text);
	cr_expect(send_queue_is_empty(&queue));
	cr_expect_eq(put_descriptor(9), 0, "at once");
	expect_refusal(9, text);
	cr_expect_eq(put(last), 0, "and the connection goes on");
	cr_expect_eq(take(), last);
	close(parked[0]);
	close(parked[1]);
	setrlimit(RLIMIT_NOFILE, &limit);
}

CASE(what_is_refused_may_have_to_wait_itself)
{
	uint32_t count = fill();
	struct rlimit limit;
	int parked[2];

	getrlimit(RLIMIT_NOFILE, &limit);
	cr_assert_eq(put_descriptor(7), 0, "the last that waits");
	cr_assert(park_descriptors(parked));
	cr_assert_eq(take(), 1);
	cr_assert_eq(send_queue_flush(&queue, own), 0);
	cr_assert_eq(put(++count), 0);
	for (uint32_t i = 2; i < count; i++) {
		cr_assert_eq(take(), i);
		cr_assert_eq(send_queue_flush(&queue, own), 0);
	}
	expect_refusal(7, "the descriptor can't be passed to the client: Too many references: cannot splice");
	cr_expect_eq(send_queue_flush(&queue, own), 0);
	cr_expect_eq(take(), count);
	close(parked[0]);
	close(parked[1]);
	setrlimit(RLIMIT_NOFILE, &limit);
}
