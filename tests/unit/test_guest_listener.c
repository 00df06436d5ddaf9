/* SPDX-License-Identifier: Apache-2.0 */
/* A guest on one end of a socket pair: what the listener does with it is the same as with vsock. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/vm_sockets.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/log.h"
#include "descriptor_count.h"
#include "virtmgr/guest_listener.h"

static struct guest_listener listener;
static int loop, handled, logged;
static char last[EVM_GUEST_TEXT_MAX + 1];

static enum evm_guest_status handle(const struct guest_message *message, void *data)
{
	cr_expect_eq(data, &handled);
	handled++;
	strcpy(last, message->text);
	return message->type == EVM_GUEST_STARTED ? EVM_GUEST_BAD_ORDER : EVM_GUEST_OK;
}

static void count_message(void *data, enum log_level level, const char *message)
{
	(void)data, (void)level, (void)message;
	logged++;
}

static void begin(void)
{
	log_set_sink(count_message, NULL);
	loop = event_loop_open();
	guest_listener_init(&listener);
	cr_assert_eq(guest_listener_start(&listener, loop, handle, &handled), 0, "without a port");
}

static void end(void)
{
	guest_listener_close(&listener);
	guest_listener_close(&listener);
	close(loop);
	log_set_sink(NULL, NULL);
}

#define CASE(name) Test(virtmgr_guest_listener, name, .init = begin, .fini = end, .timeout = 60)

static int connect_guest(void)
{
	int ends[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
	guest_listener_take(&listener, ends[1], listener.cid);
	return ends[0];
}

static void say(int guest, enum evm_guest_type type, const char *text)
{
	struct evm_guest_header header = { EVM_GUEST_MAGIC, EVM_GUEST_VERSION, (uint8_t)type, 0,
					   (uint32_t)strlen(text) };

	cr_assert_eq(send(guest, &header, sizeof(header), 0), (ssize_t)sizeof(header));
	if (*text)
		cr_assert_eq(send(guest, text, strlen(text), 0), (ssize_t)strlen(text));
}

static void expect_reply(int guest, enum evm_guest_status status)
{
	struct evm_guest_reply reply;

	cr_assert_eq(recv(guest, &reply, sizeof(reply), 0), (ssize_t)sizeof(reply));
	cr_expect_eq(reply.magic, EVM_GUEST_MAGIC);
	cr_expect_eq(reply.version, EVM_GUEST_VERSION);
	cr_expect_eq(reply.status, status);
}

static void expect_closed(int guest)
{
	char byte;

	cr_expect_eq(recv(guest, &byte, 1, 0), 0);
}

static int connections(void)
{
	int count = 0;

	for (int i = 0; i < GUEST_MAX_CONNECTIONS; i++)
		count += listener.connections[i].source.fd >= 0;
	return count;
}

CASE(each_message_gets_the_reply_of_the_owner)
{
	int guest = connect_guest();

	say(guest, EVM_GUEST_LOG, "a line");
	say(guest, EVM_GUEST_STARTED, "");
	say(guest, EVM_GUEST_READY, "");
	event_loop_turn(loop);
	expect_reply(guest, EVM_GUEST_OK);
	expect_reply(guest, EVM_GUEST_BAD_ORDER);
	expect_reply(guest, EVM_GUEST_OK);
	cr_expect_eq(handled, 3);
	cr_expect_eq(connections(), 1);
}

CASE(a_message_in_two_reads_is_one)
{
	int guest = connect_guest();
	struct evm_guest_header header = { EVM_GUEST_MAGIC, EVM_GUEST_VERSION, EVM_GUEST_LOG, 0, 4 };

	send(guest, &header, 7, 0);
	event_loop_turn(loop);
	send(guest, (char *)&header + 7, sizeof(header) - 7, 0);
	event_loop_turn(loop);
	cr_expect_eq(handled, 0);
	send(guest, "text", 4, 0);
	event_loop_turn(loop);
	expect_reply(guest, EVM_GUEST_OK);
	cr_expect_str_eq(last, "text");
}

CASE(what_breaks_the_protocol_is_answered_and_closed)
{
	int guest = connect_guest();

	say(guest, EVM_GUEST_READY, "");
	send(guest, "nonsense, and then more of it", 29, 0);
	event_loop_turn(loop);
	expect_reply(guest, EVM_GUEST_OK);
	expect_reply(guest, EVM_GUEST_BAD_MESSAGE);
	cr_expect_eq(handled, 1);
	cr_expect_eq(connections(), 0);
}

CASE(a_guest_that_does_not_take_its_replies_is_closed)
{
	int guest = connect_guest();
	struct evm_guest_header many[100];

	for (int i = 0; i < 100; i++)
		many[i] = (struct evm_guest_header){ EVM_GUEST_MAGIC, EVM_GUEST_VERSION, EVM_GUEST_LOG, 0, 0 };
	while (connections()) {
		ssize_t n = send(guest, many, sizeof(many), MSG_NOSIGNAL);

		cr_assert(n == sizeof(many), "the socket has room for what the listener takes");
		event_loop_turn(loop);
	}
	cr_expect_eq(logged, 1);
}

CASE(a_silent_one_holds_up_nobody)
{
	int stalls = connect_guest(), talks = connect_guest();

	send(stalls, "EG", 1, 0);
	event_loop_turn(loop);
	say(talks, EVM_GUEST_READY, "");
	event_loop_turn(loop);
	expect_reply(talks, EVM_GUEST_OK);
	cr_expect_eq(connections(), 2);
}

CASE(connections_are_few_and_a_closed_one_makes_room)
{
	int guests[GUEST_MAX_CONNECTIONS], another;

	for (int i = 0; i < GUEST_MAX_CONNECTIONS; i++)
		guests[i] = connect_guest();
	another = connect_guest();
	expect_closed(another);
	cr_expect_eq(connections(), GUEST_MAX_CONNECTIONS);
	close(guests[1]);
	event_loop_turn(loop);
	another = connect_guest();
	say(another, EVM_GUEST_READY, "");
	event_loop_turn(loop);
	expect_reply(another, EVM_GUEST_OK);
}

CASE(complaints_are_few)
{
	for (int i = 0; i < 5 * GUEST_MAX_COMPLAINTS; i++) {
		int guest = connect_guest();

		send(guest, "nonsense", 8, 0);
		event_loop_turn(loop);
		close(guest);
	}
	cr_expect_eq(logged, GUEST_MAX_COMPLAINTS);
}

/* The port itself.  A kernel without vsock can't tell, and says so by a warning. */
CASE(a_port_that_another_holds_is_refused)
{
	struct sockaddr_vm address = { .svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_ANY, .svm_port = VMADDR_PORT_ANY };
	socklen_t length = sizeof(address);
	struct refusal refusal = { .text = "" };
	int other = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char wanted[200];

	if (other < 0) {
		cr_assert_eq(errno, EAFNOSUPPORT);
		cr_expect_eq(guest_listener_open(&listener, 100, &refusal), 0);
		cr_expect_eq(logged, 1);
		return;
	}
	cr_assert_eq(bind(other, (struct sockaddr *)&address, sizeof(address)), 0);
	getsockname(other, (struct sockaddr *)&address, &length);
	cr_expect_eq(guest_listener_open(&listener, address.svm_port, &refusal),
		     evm_status_errno(EVM_STATUS_UNSUPPORTED));
	snprintf(
		wanted, sizeof(wanted),
		"vsock port %u, to which the guest reports, can't be bound: Address already in use (errno %d); another process holds it",
		address.svm_port, EADDRINUSE);
	cr_expect_str_eq(refusal.text, wanted);
	close(other);
	cr_expect_eq(guest_listener_open(&listener, address.svm_port, &refusal), 0);
}

/* Another VM, this host, and a peer without a CID are not taken for the guest. */
CASE(only_the_vms_own_cid_is_heard)
{
	static const uint32_t others[] = { 0, VMADDR_CID_LOCAL, VMADDR_CID_HOST, 122, 124, VMADDR_CID_ANY };
	int ends[2];
	char byte;

	listener.cid = 123;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
		guest_listener_take(&listener, ends[1], others[i]);
		cr_expect_eq(recv(ends[0], &byte, 1, 0), 0, "CID %u: closed", others[i]);
		close(ends[0]);
	}
	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
	guest_listener_take(&listener, ends[1], 123);
	cr_expect_eq(recv(ends[0], &byte, 1, 0), -1, "the guest's is open");
	cr_expect_eq(errno, EAGAIN);
	close(ends[0]);
}

CASE(other_peers_do_not_use_up_what_may_be_said_of_the_guest)
{
	listener.cid = 123;
	for (int i = 0; i < 5 * GUEST_MAX_COMPLAINTS; i++) {
		int ends[2];

		cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
		guest_listener_take(&listener, ends[1], 124);
		close(ends[0]);
	}
	cr_expect_eq(logged, GUEST_MAX_COMPLAINTS);
	for (int i = 0; i < 2; i++) {
		int guest = connect_guest();

		send(guest, "nonsense", 8, 0);
		event_loop_turn(loop);
		close(guest);
	}
	cr_expect_eq(logged, GUEST_MAX_COMPLAINTS + 2);
}

/*
 * A port of another family: its peers have no CID, which reads as VMADDR_CID_ANY.  The listener of the fixture has none, so
 * it is started again with this one.
 */
static struct sockaddr_un open_port(uint32_t cid)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	socklen_t length = sizeof(address);

	listener.cid = cid;
	listener.source.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	/* Without a name: the kernel chooses an abstract one, which is shorter than the address. */
	cr_assert_eq(bind(listener.source.fd, (struct sockaddr *)&address, sizeof(address.sun_family)), 0);
	cr_assert_eq(guest_listener_start(&listener, loop, handle, &handled), 0);
	cr_assert_eq(getsockname(listener.source.fd, (struct sockaddr *)&address, &length), 0);
	return address;
}

static int connect_to_port(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	/* 5 hexadecimal digits behind the NUL */
	cr_assert_eq(connect(fd, (const struct sockaddr *)address, offsetof(struct sockaddr_un, sun_path) + 6), 0, "%s",
		     strerror(errno));
	return fd;
}

CASE(other_peers_that_wait_do_not_take_the_guests_place)
{
	struct sockaddr_un address = open_port(123);
	int fds[20];

	for (int i = 0; i < 20; i++)
		fds[i] = connect_to_port(&address);
	for (int i = 0; i < 20; i++)
		event_loop_turn(loop);
	for (int i = 0; i < 20; i++)
		expect_closed(fds[i]);
}

CASE(a_shortage_of_descriptors_only_makes_the_guest_wait)
{
	struct sockaddr_un address = open_port(VMADDR_CID_ANY);
	int guest = connect_to_port(&address);
	struct rlimit limit = forbid_descriptors();
	struct epoll_event event;

	for (int i = 0; i < 2; i++) {
		cr_assert_eq(event_loop_turn(loop), 0, "there is none for it");
		cr_expect_eq(epoll_wait(loop, &event, 1, 0), 0, "the loop is not woken again at once");
		cr_assert_eq(event_loop_turn(loop), 0, "the pause is over");
	}
	cr_expect_eq(logged, 1, "it is said once");
	cr_expect_eq(connections(), 0);
	allow_descriptors(&limit);
	cr_assert_eq(event_loop_turn(loop), 0);
	cr_expect_eq(connections(), 1);
	say(guest, EVM_GUEST_READY, "");
	event_loop_turn(loop);
	expect_reply(guest, EVM_GUEST_OK);
}

/* It would come again at once, for ever. */
CASE(another_error_closes_the_port)
{
	struct epoll_event event;
	int ends[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
	open_port(VMADDR_CID_ANY);
	cr_assert_geq(dup3(ends[0], listener.source.fd, O_CLOEXEC), 0, "a socket that does not listen");
	cr_assert_eq(event_loop_add(loop, &listener.source, EPOLLIN), 0);
	cr_assert_eq(send(ends[1], "x", 1, 0), 1);
	cr_assert_eq(event_loop_turn(loop), 0);
	cr_expect_eq(logged, 1);
	cr_expect_not(guest_listener_is_open(&listener));
	cr_expect_eq(epoll_wait(loop, &event, 1, 0), 0);
}
