/* SPDX-License-Identifier: Apache-2.0 */
/* The server's part of a connection's first bytes, and "cci", which is sent by the side that calls on the connection. */
#include <errno.h>
#include <stddef.h>

#include "rpcbinder/session_state.h"

static const uint8_t init_bytes[RPC_INIT_BYTES] = "cci"; /* the last 4 are reserved, and are not looked at */
enum { INIT_MAGIC_BYTES = 4 };

void rpc_send_init(struct rpc_connection *connection)
{
	rpc_connection_send(connection, init_bytes, sizeof(init_bytes));
}

/* The response comes before the refusal: so does Android's. */
static void send_response(struct rpc_connection *connection, uint32_t version)
{
	uint8_t response[RPC_RESPONSE_BYTES] = { 0 };

	put_le32(response, version);
	rpc_connection_send(connection, response, sizeof(response));
}

/* Joins a connection, too, whose response could not be sent: that ends the session, and the owner is told. */
static void join_new_session(struct rpc_connection *connection, uint32_t version)
{
	struct rpc_session *session = rpc_session_new(connection->endpoint, true);

	if (!session) {
		rpc_connection_fail_by_error(connection, "a session can't be made", -ENOMEM);
		return;
	}
	session->version = version;
	rpc_session_join(session, connection);
	rpc_connection_expect(connection, RPC_AT_INIT);
}

static void start_session(struct rpc_connection *connection, bool incoming, uint8_t fd_mode)
{
	struct rpc_endpoint *endpoint = connection->endpoint;
	uint32_t peers = get_le32(connection->head), own = endpoint->settings.version;
	uint32_t version = peers < own ? peers : own;

	send_response(connection, version);
	if (incoming)
		rpc_connection_fail(connection, "an incoming connection was requested without a session");
	else if (fd_mode != endpoint->settings.fd_mode)
		rpc_connection_fail(connection, "the peer asked for another mode of descriptor passing");
	else if (rpc_session_count(endpoint) >= endpoint->settings.max_sessions)
		rpc_connection_fail(connection, "there are too many sessions already");
	else
		join_new_session(connection, version);
}

void rpc_handshake_header(struct rpc_connection *connection)
{
	uint32_t version = get_le32(connection->head);
	bool incoming = connection->head[4] & RPC_OPTION_INCOMING;
	uint32_t id_size = connection->head[14] | (uint32_t)connection->head[15] << 8;

	if (version < RPC_VERSION_MIN)
		rpc_connection_fail(connection, "the peer's version has no descriptors");
	else if (id_size == 0)
		start_session(connection, incoming, connection->head[5]);
	else if (id_size == RPC_SESSION_ID_BYTES)
		rpc_connection_expect(connection, RPC_AT_ID);
	else
		rpc_connection_fail(connection, "the session's ID has a wrong length");
}

void rpc_handshake_id(struct rpc_connection *connection)
{
	struct rpc_session *session =
		rpc_session_find(connection->endpoint, connection->head + RPC_CONNECTION_HEADER_BYTES);
	bool incoming = connection->head[4] & RPC_OPTION_INCOMING;
	size_t most = incoming ? RPC_MAX_INCOMING : connection->endpoint->settings.max_threads;

	if (!session || rpc_session_connections(session, incoming) >= most) {
		rpc_connection_fail(connection, "there is no such session, or it has enough connections");
		return;
	}
	connection->caller = incoming;
	rpc_session_join(session, connection);
	rpc_connection_expect(connection, incoming ? RPC_AT_MESSAGE : RPC_AT_INIT);
	if (incoming)
		rpc_send_init(connection);
}

void rpc_handshake_init(struct rpc_connection *connection)
{
	if (memcmp(connection->head, init_bytes, INIT_MAGIC_BYTES) != 0) {
		rpc_connection_fail(connection, "a connection did not start with \"cci\"");
		return;
	}
	rpc_connection_expect(connection, RPC_AT_MESSAGE);
	if (!connection->session->server)
		rpc_client_established(connection);
}
