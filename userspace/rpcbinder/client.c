/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a client sets a session up: a connection for a new session; how many more it may make, and the session's ID; those
 * connections, and the ones on which the server calls; and the root.
 */
#include <errno.h>
#include <stdlib.h>

#include "rpcbinder/session_state.h"

struct rpc_setup {
	struct rpc_connect connect;
	uint32_t established; /* connections on which the server calls, that it has confirmed */
	uint32_t threads;     /* that the server offers */
};

enum { MAX_THREADS = 10 }; /* ordinary connections, whatever the server offers */

/* SESSION's connection to the server, with the header sent. */
static struct rpc_connection *open_connection(struct rpc_session *session, bool first, bool incoming)
{
	struct rpc_endpoint *endpoint = session->endpoint;
	uint8_t header[RPC_CONNECTION_HEADER_BYTES + RPC_SESSION_ID_BYTES] = { 0 };
	size_t size = first ? RPC_CONNECTION_HEADER_BYTES : sizeof(header);
	enum rpc_connection_state state = first ? RPC_AT_RESPONSE : incoming ? RPC_AT_INIT : RPC_AT_MESSAGE;
	struct rpc_connection *connection = NULL;
	int r = session->setup->connect.open(session->setup->connect.data);

	if (r >= 0)
		connection = rpc_connection_new(endpoint, r, state, &r);
	if (!connection) {
		rpc_session_end(session, "a connection can't be made");
		return NULL;
	}
	rpc_session_join(session, connection);
	connection->caller = !incoming;
	put_le32(header, endpoint->settings.version);
	header[4] = incoming ? RPC_OPTION_INCOMING : 0;
	header[5] = (uint8_t)endpoint->settings.fd_mode;
	header[14] = first ? 0 : RPC_SESSION_ID_BYTES;
	memcpy(header + RPC_CONNECTION_HEADER_BYTES, session->id, RPC_SESSION_ID_BYTES);
	rpc_connection_send(connection, header, size);
	if (!incoming)
		rpc_send_init(connection);
	rpc_connection_watch(connection);
	return connection;
}

static void call_special(struct rpc_session *session, uint32_t code, rpc_done done)
{
	struct parcel_writer nothing;

	parcel_writer_init(&nothing, session->version);
	if (!session->ended && rpc_connection_call(session->connections, 0, code, &nothing, done, NULL) < 0)
		rpc_session_end(session, "the server can't be asked");
}

static void on_root(struct rpc_session *session, int32_t status, struct parcel_reader *reader, void *data)
{
	struct rpc_setup *setup = session->setup;
	uint64_t root = status == RPC_OK ? parcel_read_binder(reader) : 0;

	(void)data;
	if (!root || !parcel_read_end(reader) || rpc_session_keep(session, root) < 0) {
		rpc_session_end(session, "the server has no root");
		return;
	}
	session->setup = NULL;
	setup->connect.ready(session, root, setup->connect.data);
	free(setup);
}

void rpc_client_established(struct rpc_connection *connection)
{
	struct rpc_session *session = connection->session;

	if (session->setup && ++session->setup->established == session->setup->connect.incoming)
		call_special(session, RPC_GET_ROOT, on_root);
}

static void on_id(struct rpc_session *session, int32_t status, struct parcel_reader *reader, void *data)
{
	size_t size;
	bool null;
	const uint8_t *id = parcel_read_bytes(reader, &size, &null);

	(void)data;
	if (status != RPC_OK || !id || size != RPC_SESSION_ID_BYTES || !parcel_read_end(reader)) {
		rpc_session_end(session, "the server gave no session ID of 32 bytes");
		return;
	}
	memcpy(session->id, id, size);
	for (uint32_t i = 1; i < session->setup->threads && !session->ended; i++)
		open_connection(session, false, false);
	for (uint32_t i = 0; i < session->setup->connect.incoming && !session->ended; i++)
		open_connection(session, false, true);
	if (!session->setup->connect.incoming)
		call_special(session, RPC_GET_ROOT, on_root);
}

static void on_threads(struct rpc_session *session, int32_t status, struct parcel_reader *reader, void *data)
{
	int32_t threads = parcel_read_i32(reader);

	(void)data;
	if (status != RPC_OK || threads < 1 || !parcel_read_end(reader)) {
		rpc_session_end(session, "the server takes no connections");
		return;
	}
	session->setup->threads = threads < MAX_THREADS ? (uint32_t)threads : MAX_THREADS;
	call_special(session, RPC_GET_SESSION_ID, on_id);
}

void rpc_client_response(struct rpc_connection *connection)
{
	struct rpc_session *session = connection->session;
	uint32_t version = get_le32(connection->head);

	if (version < RPC_VERSION_MIN || version > session->version) {
		rpc_connection_fail(connection, "the server wants a version that was not offered");
		return;
	}
	session->version = version;
	rpc_connection_expect(connection, RPC_AT_MESSAGE);
	call_special(session, RPC_GET_MAX_THREADS, on_threads);
}

void rpc_client_ended(struct rpc_session *session)
{
	free(session->setup);
	session->setup = NULL;
}

int rpc_endpoint_connect(struct rpc_endpoint *endpoint, const struct rpc_connect *connect)
{
	struct rpc_setup *setup = malloc(sizeof(*setup));
	struct rpc_session *session = setup ? rpc_session_new(endpoint, false) : NULL;

	if (!session) {
		free(setup);
		return -ENOMEM;
	}
	*setup = (struct rpc_setup){ .connect = *connect };
	session->setup = setup;
	rpc_endpoint_enter(endpoint);
	open_connection(session, true, false);
	rpc_endpoint_leave(endpoint);
	return 0;
}
