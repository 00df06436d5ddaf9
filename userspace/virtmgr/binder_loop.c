/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/binder_loop.h"

#include <errno.h>
#include <stdlib.h>

#include "virtmgr/event_loop.h"

static void on_connection(struct event_source *source, uint32_t events)
{
	rpc_connection_ready(source->owner, events);
}

int binder_loop_watch(int loop, struct rpc_connection *connection, uint32_t events)
{
	struct event_source **source = (struct event_source **)rpc_connection_user(connection);
	int r;

	if (*source)
		return event_loop_change(loop, *source, events);
	*source = malloc(sizeof(**source));
	if (!*source)
		return -ENOMEM;
	**source = (struct event_source){ rpc_connection_fd(connection), on_connection, connection };
	r = event_loop_add(loop, *source, events);
	if (r < 0) {
		free(*source);
		*source = NULL;
	}
	return r;
}

void binder_loop_unwatch(int loop, struct rpc_connection *connection)
{
	struct event_source **source = (struct event_source **)rpc_connection_user(connection);

	if (!*source)
		return;
	event_loop_remove(loop, *source);
	free(*source);
	*source = NULL;
}
