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

#define CASE(name) Test(virtmgr_send_queue, name, .init = begin, .fini = end)

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
