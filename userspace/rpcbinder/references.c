/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses.  Each side counts for each of them what it sent (the address in a parcel, or as a call's target) and what it
 * received; DEC_STRONG gives received references back.  An address is forgotten when both are 0.
 */
#include <errno.h>
#include <stdlib.h>

#include "rpcbinder/session_state.h"

struct rpc_node *rpc_node_find(struct rpc_session *session, uint64_t address)
{
	for (struct rpc_node *node = session->nodes; node; node = node->next)
		if (node->address == address)
			return node;
	return NULL;
}

static struct rpc_node *add(struct rpc_session *session, uint64_t address, struct rpc_object *object)
{
	struct rpc_node *node;

	if (session->node_count == RPC_MAX_NODES)
		return NULL;
	node = calloc(1, sizeof(*node));
	if (!node)
		return NULL;
	node->address = address;
	node->object = object;
	node->local = object != NULL;
	node->next = session->nodes;
	session->nodes = node;
	session->node_count++;
	return node;
}

static bool is_root(const struct rpc_session *session, const struct rpc_node *node)
{
	return node->object && node->object == session->endpoint->settings.root;
}

void rpc_node_forget(struct rpc_session *session, struct rpc_node *node)
{
	struct rpc_node **at = &session->nodes;

	if (node->sent || node->received || node->object)
		return;
	while (*at != node)
		at = &(*at)->next;
	*at = node->next;
	session->node_count--;
	free(node);
}

/* The peer has no reference: the object's owner may free it. */
static void release_object(struct rpc_session *session, struct rpc_node *node)
{
	struct rpc_object *object = node->object;

	node->object = NULL;
	if (object && object->class->released)
		object->class->released(object, session);
}

uint64_t rpc_session_address(struct rpc_session *session, struct rpc_object *object)
{
	struct rpc_node *node;
	uint64_t options = RPC_ADDRESS_CREATED | (session->server ? RPC_ADDRESS_FOR_SERVER : 0);

	for (node = session->nodes; node; node = node->next)
		if (node->object == object)
			return node->address;
	node = add(session, options | (uint64_t)session->next_number << 32, object);
	if (!node)
		return 0;
	session->next_number++;
	return node->address;
}

bool rpc_node_receive(struct rpc_session *session, uint64_t address)
{
	struct rpc_node *node = rpc_node_find(session, address);
	bool made_by_server = address & RPC_ADDRESS_FOR_SERVER;

	if (!node && ((address & RPC_ADDRESS_OPTIONS & ~RPC_ADDRESS_KNOWN_OPTIONS) || !(address & RPC_ADDRESS_CREATED)))
		rpc_session_end(session, "a parcel has a malformed address");
	else if (!node && made_by_server == session->server)
		rpc_session_end(session, "a parcel has an address that this side never gave");
	else if (!node && !(node = add(session, address, NULL)))
		rpc_session_end(session, "it has too many addresses");
	if (session->ended)
		return false;
	node->received++;
	return true;
}

void rpc_node_give_back(struct rpc_connection *connection, struct rpc_node *node, uint64_t amount)
{
	uint8_t body[RPC_DEC_STRONG_BYTES] = { 0 };

	while (amount) {
		uint32_t now = amount < UINT32_MAX ? (uint32_t)amount : UINT32_MAX;

		node->received -= now;
		amount -= now;
		put_le64(body, node->address);
		put_le32(body + 8, now);
		rpc_connection_send_message(connection, RPC_DEC_STRONG, body, sizeof(body), NULL);
	}
}

void rpc_count_sent(struct rpc_session *session, const struct parcel_writer *writer, bool sent)
{
	for (size_t i = 0; i < writer->binder_count; i++) {
		struct rpc_node *node = rpc_node_find(session, writer->binders[i]);

		if (!node)
			continue;
		node->sent += sent;
		if (node->local && !node->sent && !is_root(session, node)) {
			release_object(session, node);
			rpc_node_forget(session, node);
		}
	}
}

/*
 * Gives back what we have of the peer's object; but not before the peer has run our oneway calls: it sees these on one connection and
 * that on another, in any order, and would find no object to call.
 */
static void give_up(struct rpc_connection *connection, struct rpc_node *node)
{
	if (!node->sent || !node->next_sent_oneway)
		rpc_node_give_back(connection, node, node->received);
}

void rpc_dec_strong(struct rpc_connection *connection, const uint8_t *body, size_t size)
{
	struct rpc_session *session = connection->session;
	struct rpc_node *node;
	uint32_t amount;

	if (size != RPC_DEC_STRONG_BYTES) {
		rpc_connection_fail(connection, "a DEC_STRONG has a wrong length");
		return;
	}
	node = rpc_node_find(session, get_le64(body));
	amount = get_le32(body + 8);
	if (!node || amount > node->sent) {
		rpc_connection_fail(connection, "the peer gave references back that it does not have");
		return;
	}
	node->sent -= amount;
	if (node->local && !node->sent && !is_root(session, node))
		release_object(session, node);
	else if (!node->local && !node->kept)
		give_up(connection, node);
	rpc_node_forget(session, node);
}

int rpc_session_keep(struct rpc_session *session, uint64_t address)
{
	struct rpc_node *node = rpc_node_find(session, address);

	if (!node || node->local || !node->received)
		return -ENOENT;
	node->kept = true;
	return 0;
}

/* The first connection that can send; there is one as long as the session lives. */
static struct rpc_connection *any_connection(struct rpc_session *session)
{
	for (struct rpc_connection *c = session->connections; c; c = c->next)
		if (c->state >= RPC_AT_MESSAGE)
			return c;
	return NULL;
}

void rpc_session_release(struct rpc_session *session, uint64_t address)
{
	struct rpc_node *node = rpc_node_find(session, address);
	struct rpc_connection *connection = any_connection(session);

	if (!node || node->local || session->ended || !connection)
		return;
	rpc_endpoint_enter(session->endpoint);
	node->kept = false;
	give_up(connection, node);
	rpc_node_forget(session, node);
	rpc_endpoint_leave(session->endpoint);
}

void rpc_release_unread(struct rpc_connection *connection)
{
	struct rpc_node *node, *next;

	for (node = connection->session->nodes; node; node = next) {
		next = node->next;
		if (node->local || node->kept || !node->received)
			continue;
		give_up(connection, node);
		rpc_node_forget(connection->session, node);
	}
}

void rpc_nodes_free(struct rpc_session *session)
{
	/* One at a time: what the owner does may concern others. */
	while (session->nodes) {
		struct rpc_node *node = session->nodes;

		session->nodes = node->next;
		session->node_count--;
		if (!is_root(session, node))
			release_object(session, node);
		free(node);
	}
}
