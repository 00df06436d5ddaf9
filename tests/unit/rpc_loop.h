/* SPDX-License-Identifier: Apache-2.0 */
/* For tests: serves the connections of RPC endpoints, in this thread. */
#ifndef TESTS_RPC_LOOP_H
#define TESTS_RPC_LOOP_H

#include "rpcbinder/session.h"

enum { RPC_LOOP_MAX = 64 };

struct rpc_loop {
	struct rpc_connection *connections[RPC_LOOP_MAX];
	uint32_t events[RPC_LOOP_MAX];
	size_t count;
};

/* For rpc_settings; DATA is a struct whose first member is a struct rpc_loop. */
int rpc_loop_watch(struct rpc_connection *connection, uint32_t events, void *data);
void rpc_loop_unwatch(struct rpc_connection *connection, void *data);

/* Waits at most TIMEOUT ms (poll(2)) until a connection is ready, and deals with one that is.  False: none is, or errno says why. */
bool rpc_loop_turn(struct rpc_loop *loop, int timeout);

/* Deals with what there is until nothing is left. */
void rpc_loop_run(struct rpc_loop *loop);

#endif
