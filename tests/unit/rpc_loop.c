/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc_loop.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

static size_t find(const struct rpc_loop *loop, const struct rpc_connection *connection)
{
	size_t i = 0;

	while (i < loop->count && loop->connections[i] != connection)
		i++;
	return i;
}

int rpc_loop_watch(struct rpc_connection *connection, uint32_t events, void *data)
{
	struct rpc_loop *loop = data;
	size_t i = find(loop, connection);

	if (i == RPC_LOOP_MAX)
		return -ENOSPC;
	loop->connections[i] = connection;
	loop->events[i] = events;
	loop->count += i == loop->count;
	return 0;
}

void rpc_loop_unwatch(struct rpc_connection *connection, void *data)
{
	struct rpc_loop *loop = data;
	size_t i = find(loop, connection);

	loop->count--;
	loop->connections[i] = loop->connections[loop->count];
	loop->events[i] = loop->events[loop->count];
}

/* The events of poll(2) and epoll(7) are the same numbers. */
bool rpc_loop_turn(struct rpc_loop *loop, int timeout)
{
	struct pollfd fds[RPC_LOOP_MAX];

	for (size_t i = 0; i < loop->count; i++)
		fds[i] = (struct pollfd){ .fd = rpc_connection_fd(loop->connections[i]),
					  .events = (short)loop->events[i] };
	if (poll(fds, loop->count, timeout) <= 0)
		return false;
	for (size_t i = 0; i < loop->count; i++)
		if (fds[i].revents) {
			rpc_connection_ready(loop->connections[i], (uint32_t)fds[i].revents);
			return true;
		}
	return false;
}

enum { MAX_ROUNDS = 1000000 }; /* more than any test needs */

void rpc_loop_run(struct rpc_loop *loop)
{
	unsigned int rounds = 0;

	while (rpc_loop_turn(loop, 0))
		if (++rounds == MAX_ROUNDS) {
			fputs("a connection stays ready, and nobody reads it\n", stderr);
			abort();
		}
}
