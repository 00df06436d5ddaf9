/* SPDX-License-Identifier: Apache-2.0 */
/* RPC binder's connections in the manager's event loop; for rpc_settings.watch and .unwatch. */
#ifndef VIRTMGR_BINDER_LOOP_H
#define VIRTMGR_BINDER_LOOP_H

#include "rpcbinder/session.h"

/* As rpc_settings.watch, in LOOP. */
int binder_loop_watch(int loop, struct rpc_connection *connection, uint32_t events);
void binder_loop_unwatch(int loop, struct rpc_connection *connection);

#endif
