/* SPDX-License-Identifier: Apache-2.0 */
/* Connections that are being made, with sockets of other families: what is done with them is the same. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "descriptor_count.h"
#include "virtmgr/vsock_connects.h"

static struct vsock_connects connects;
static struct refusal refusal;
static int loop, done_count, done_result;
static uint32_t done_request;

static void done(uint32_t request, int result, void *data)
{
	cr_expect_eq(data, &done_count);
	done_count++;
	done_request = request;
	done_result = result;
}

static void begin(void)
{
	loop = event_loop_open();
	vsock_connects_init(&connects, loop, done, &done_count);
}

static void end(void)
{
	vsock_connects_close(&connects);
	vsock_connects_close(&connects);
	close(loop);
}

#define CASE(name) Test(virtmgr_vsock_connects, name, .init = begin, .fini = end, .timeout = 60)

CASE(a_connection_is_passed_on_and_blocks)
{
	int ends[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
	cr_assert_eq(vsock_connects_adopt(&connects, ends[0], 7, &refusal), 0);
	cr_expect_eq(done_count, 0);
	cr_assert_eq(event_loop_turn(loop), 0);
	cr_expect(done_count == 1 && done_request == 7 && done_result == ends[0]);
	cr_expect_eq(fcntl(ends[0], F_GETFL) & O_NONBLOCK, 0);
	close(ends[0]);
	close(ends[1]);
}

/* A port that was bound and given up: nobody listens there. */
static struct sockaddr_in closed_port(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	cr_assert_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	cr_assert_eq(getsockname(fd, (struct sockaddr *)&address, &length), 0);
	close(fd);
	return address;
}

CASE(a_connection_that_fails_is_closed_and_told)
{
	struct sockaddr_in address = closed_port();
	int before = count_descriptors(), fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	cr_assert(connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0 && errno == EINPROGRESS);
	cr_assert_eq(vsock_connects_adopt(&connects, fd, 8, &refusal), 0);
	cr_assert_eq(event_loop_turn(loop), 0);
	cr_expect(done_count == 1 && done_request == 8 && done_result == -ECONNREFUSED);
	cr_expect_eq(count_descriptors(), before);
}

CASE(there_are_only_so_many_at_once)
{
	int before = count_descriptors(), ends[2];

	for (int i = 0; i <= VSOCK_MAX_CONNECTS; i++) {
		cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
		cr_expect_eq(vsock_connects_adopt(&connects, ends[0], 1, &refusal),
			     i < VSOCK_MAX_CONNECTS ? 0 : -EOPNOTSUPP);
		close(ends[1]);
	}
	cr_expect_eq(count_descriptors(), before + VSOCK_MAX_CONNECTS);
	vsock_connects_close(&connects);
	cr_expect_eq(count_descriptors(), before);
	cr_expect_eq(done_count, 0);
}

CASE(ports)
{
	static const struct {
		uint32_t port;
		bool allowed;
	} cases[] = { { 0, false },  { 1, false },    { 2, true },    { 20, true },
		      { 21, false }, { 1023, false }, { 1024, true }, { UINT32_MAX, true } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_expect_eq(vsock_port_is_allowed(cases[i].port), cases[i].allowed, "%u", cases[i].port);
	cr_expect_eq(vsock_connects_begin(&connects, 123, 1023, 1, &refusal), -EINVAL);
	cr_expect_str_eq(refusal.text, "Can't connect to privileged port 1023");
}
