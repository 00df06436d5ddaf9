/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

#include "common/cleanup.h"
#include "rpcbinder/session_state.h"

const char rpc_peer_closed[] = "the peer closed it", rpc_shut_down[] = "it was shut down";

struct rpc_endpoint *rpc_endpoint_new(const struct rpc_settings *settings)
{
	struct rpc_endpoint *endpoint = calloc(1, sizeof(*endpoint));

	if (!endpoint)
		return NULL;
	endpoint->settings = *settings;
	if (!endpoint->settings.version)
		endpoint->settings.version = RPC_VERSION_MAX;
	endpoint->bootstrap_fd = -1;
	return endpoint;
}

bool rpc_endpoint_is_idle(const struct rpc_endpoint *endpoint)
{
	return !endpoint->sessions && !endpoint->handshakes;
}

struct rpc_session *rpc_session_new(struct rpc_endpoint *endpoint, bool server)
{
	struct rpc_session *session = calloc(1, sizeof(*session));

	if (!session)
		return NULL;
	session->endpoint = endpoint;
	session->server = server;
	session->version = endpoint->settings.version;
	if (server && getrandom(session->id, sizeof(session->id), 0) != sizeof(session->id)) {
		free(session);
		return NULL;
	}
	session->next = endpoint->sessions;
	endpoint->sessions = session;
	return session;
}

struct rpc_session *rpc_session_find(struct rpc_endpoint *endpoint, const uint8_t id[RPC_SESSION_ID_BYTES])
{
	for (struct rpc_session *session = endpoint->sessions; session; session = session->next)
		if (!session->ended && memcmp(session->id, id, RPC_SESSION_ID_BYTES) == 0)
			return session;
	return NULL;
}

size_t rpc_session_count(const struct rpc_endpoint *endpoint)
{
	size_t count = 0;

	for (const struct rpc_session *session = endpoint->sessions; session; session = session->next)
		count++;
	return count;
}

size_t rpc_session_connections(const struct rpc_session *session, bool caller)
{
	size_t count = 0;

	for (const struct rpc_connection *c = session->connections; c; c = c->next)
		count += c->caller == caller;
	return count;
}

void rpc_session_join(struct rpc_session *session, struct rpc_connection *connection)
{
	struct rpc_connection **at = &session->endpoint->handshakes;

	while (*at != connection)
		at = &(*at)->next;
	*at = connection->next;
	/* At the end: the first connection of a session stays the first. */
	for (at = &session->connections; *at; at = &(*at)->next)
		;
	connection->next = NULL;
	*at = connection;
	connection->session = session;
	if (connection->closed)
		rpc_session_end_by_error(session, connection->end_reason, connection->end_error);
}

void rpc_session_end_by_error(struct rpc_session *session, const char *reason, int error)
{
	rpc_endpoint_enter(session->endpoint);
	if (!session->ended) {
		session->ended = reason;
		session->end_error = error;
	}
	rpc_endpoint_leave(session->endpoint);
}

void rpc_session_end(struct rpc_session *session, const char *reason)
{
	rpc_session_end_by_error(session, reason, 0);
}

uint32_t rpc_session_version(const struct rpc_session *session)
{
	return session->version;
}

const uint8_t *rpc_session_id(const struct rpc_session *session)
{
	return session->id;
}

size_t rpc_session_backlog(const struct rpc_session *session)
{
	size_t bytes = 0;

	for (const struct rpc_connection *c = session->connections; c; c = c->next)
		bytes += c->out.bytes;
	return bytes;
}

void **rpc_session_user(struct rpc_session *session)
{
	return &session->user;
}

static void free_session(struct rpc_session *session)
{
	struct rpc_endpoint *endpoint = session->endpoint;
	struct rpc_session **at = &endpoint->sessions;

	while (*at != session)
		at = &(*at)->next;
	*at = session->next;
	for (struct rpc_connection *c = session->connections; c; c = c->next)
		rpc_calls_free(c);
	rpc_nodes_free(session);
	rpc_parked_free(session);
	rpc_client_ended(session);
	if (endpoint->settings.ended)
		endpoint->settings.ended(session, session->ended, session->end_error, endpoint->settings.data);
	while (session->connections) {
		struct rpc_connection *connection = session->connections;

		session->connections = connection->next;
		rpc_connection_free(connection);
	}
	free(session);
}

/* One at a time: what the owner is told may end others. */
static bool free_ended_session(struct rpc_endpoint *endpoint)
{
	for (struct rpc_session *session = endpoint->sessions; session; session = session->next)
		if (session->ended) {
			free_session(session);
			return true;
		}
	return false;
}

static void free_closed_handshakes(struct rpc_endpoint *endpoint)
{
	struct rpc_connection **at = &endpoint->handshakes;

	while (*at) {
		struct rpc_connection *connection = *at;

		if (!connection->closed) {
			at = &connection->next;
			continue;
		}
		*at = connection->next;
		if (connection->end_reason && connection->end_reason != rpc_peer_closed && endpoint->settings.ended)
			endpoint->settings.ended(NULL, connection->end_reason, connection->end_error,
						 endpoint->settings.data);
		rpc_connection_free(connection);
	}
}

void rpc_endpoint_enter(struct rpc_endpoint *endpoint)
{
	endpoint->depth++;
}

void rpc_endpoint_leave(struct rpc_endpoint *endpoint)
{
	if (endpoint->depth == 1) {
		while (free_ended_session(endpoint))
			;
		free_closed_handshakes(endpoint);
	}
	endpoint->depth--;
}

void rpc_endpoint_shutdown(struct rpc_endpoint *endpoint)
{
	rpc_endpoint_enter(endpoint);
	for (struct rpc_session *session = endpoint->sessions; session; session = session->next)
		if (!session->ended)
			session->ended = rpc_shut_down;
	for (struct rpc_connection *c = endpoint->handshakes; c; c = c->next)
		c->closed = true;
	rpc_endpoint_leave(endpoint);
}

void rpc_endpoint_free(struct rpc_endpoint *endpoint)
{
	if (!endpoint)
		return;
	rpc_endpoint_shutdown(endpoint);
	close_fd(endpoint->bootstrap_fd);
	free(endpoint);
}
