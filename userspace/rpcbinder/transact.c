/* SPDX-License-Identifier: Apache-2.0 */
/* Calls of our objects by the peer. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "rpcbinder/session_state.h"

/* What a TRANSACT's head says. */
struct transaction {
	uint64_t address, number;
	uint32_t code, parcel_size;
	bool oneway;
};

static int32_t count_read_binder(void *data, uint64_t address)
{
	struct rpc_connection *connection = data;
	struct rpc_node *node;

	if (!rpc_node_receive(connection->session, address))
		return RPC_DEAD_OBJECT;
	node = rpc_node_find(connection->session, address);
	/* One of ours that comes home needs no reference of the peer's to live. */
	if (node->local)
		rpc_node_give_back(connection, node, 1);
	return RPC_OK;
}

/* From version 2 on a reference counts when it arrives, whether it is read or not. */
static bool count_listed_binders(struct rpc_connection *connection, const struct parcel_reader *reader)
{
	for (size_t i = 0; i < reader->object_count; i++) {
		const uint8_t *object = reader->data + reader->objects[i];

		if (get_le32(object) == RPC_OBJECT_BINDER &&
		    count_read_binder(connection, get_le64(object + 4)) != RPC_OK)
			return false;
	}
	return true;
}

bool rpc_receive_parcel(struct rpc_connection *connection, const uint8_t *body, size_t size, size_t parcel_size,
			struct parcel_reader *ret, int32_t *ret_status)
{
	size_t table_size = size - parcel_size;

	*ret_status = RPC_OK;
	if (parcel_size > size || table_size % 4) {
		rpc_connection_fail(connection, "the sizes of a message's parts do not add up");
		return false;
	}
	parcel_reader_init(ret, body, parcel_size, connection->session->version);
	if (!parcel_reader_set_objects(ret, body + parcel_size, table_size / 4)) {
		rpc_connection_fail(connection, "a parcel's object table is malformed");
		return false;
	}
	if (!count_listed_binders(connection, ret))
		return false;
	ret->count_binder = count_read_binder;
	ret->count_data = connection;
	ret->fds = connection->fds;
	ret->fd_count = connection->fd_count;
	if (connection->fds_lost)
		*ret_status = RPC_NO_MEMORY;
	else if (parcel_reader_listed_fds(ret) != connection->fd_count)
		*ret_status = RPC_BAD_VALUE;
	return true;
}

/* Sends the reply and frees what WRITER has. */
static void send_reply(struct rpc_connection *connection, int32_t status, struct parcel_writer *writer)
{
	uint8_t head[RPC_REPLY_BYTES] = { 0 };

	if (status == RPC_OK)
		status = writer->status;
	rpc_count_sent(connection->session, writer, status == RPC_OK);
	put_le32(head, (uint32_t)status);
	if (status == RPC_OK)
		put_le32(head + 4, (uint32_t)writer->size);
	rpc_connection_send_message(connection, RPC_REPLY, head, sizeof(head), status == RPC_OK ? writer : NULL);
	parcel_writer_free(writer);
}

static void refuse(struct rpc_connection *connection, const struct transaction *transaction, int32_t status)
{
	struct parcel_writer nothing;

	parcel_writer_init(&nothing, connection->session->version);
	if (!transaction->oneway)
		send_reply(connection, status, &nothing);
}

static int32_t answer_special(struct rpc_session *session, struct rpc_call *call)
{
	const struct rpc_settings *settings = &session->endpoint->settings;
	uint64_t root;

	if (call->code == RPC_GET_MAX_THREADS) {
		parcel_write_i32(&call->out, (int32_t)settings->max_threads);
	} else if (call->code == RPC_GET_SESSION_ID) {
		parcel_write_bytes(&call->out, session->id, sizeof(session->id));
	} else if (call->code == RPC_GET_ROOT && settings->root) {
		root = rpc_session_address(session, settings->root);
		if (!root)
			return RPC_NO_MEMORY;
		parcel_write_binder(&call->out, root);
	} else {
		return RPC_UNKNOWN_TRANSACTION;
	}
	return RPC_OK;
}

static int32_t answer_object(struct rpc_session *session, struct rpc_call *call)
{
	const struct rpc_class *class = call->object->class;

	(void)session;
	if (call->code == RPC_INTERFACE_TRANSACTION)
		parcel_write_string(&call->out, class->descriptor);
	else if (call->code == RPC_EXTENSION_TRANSACTION)
		parcel_write_binder(&call->out, 0);
	else if (call->code == RPC_DEBUG_PID_TRANSACTION)
		parcel_write_i32(&call->out, getpid());
	else if (call->code < 1 || call->code > RPC_LAST_USER_CODE)
		return call->code == RPC_PING_TRANSACTION ? RPC_OK : RPC_UNKNOWN_TRANSACTION;
	else if (!parcel_read_is_string(&call->in, class->descriptor))
		return RPC_BAD_TYPE;
	else
		return class->transact(call->object, call);
	return RPC_OK;
}

/* References that came with the call and are not kept, and the one to NODE that the call itself was. */
static void give_references_back(struct rpc_connection *connection, struct rpc_node *node)
{
	rpc_release_unread(connection);
	if (node) {
		rpc_node_give_back(connection, node, 1);
		rpc_node_forget(connection->session, node);
	}
}

/* NODE: whose object is called; NULL for a special transaction. */
static void run(struct rpc_connection *connection, const struct transaction *transaction, struct rpc_node *node,
		const uint8_t *parcel, size_t size)
{
	struct rpc_session *session = connection->session;
	struct rpc_call call = {
		.session = session,
		.object = node ? node->object : NULL,
		.code = transaction->code,
		.oneway = transaction->oneway,
	};
	int32_t status;

	parcel_writer_init(&call.out, session->version);
	if (!rpc_receive_parcel(connection, parcel, size, transaction->parcel_size, &call.in, &status))
		return;
	if (!call.oneway && rpc_connection_push(connection, false, NULL, NULL, &call.number) < 0) {
		rpc_connection_fail(connection, "its calls are nested too deeply, or there is no memory");
		return;
	}
	if (status == RPC_OK)
		status = (node ? answer_object : answer_special)(session, &call);
	if (session->ended) {
		rpc_count_sent(session, &call.out, false);
		parcel_writer_free(&call.out);
		return;
	}
	give_references_back(connection, node);
	if (call.oneway || status == RPC_LATER) {
		rpc_count_sent(session, &call.out, false);
		parcel_writer_free(&call.out);
		return;
	}
	rpc_connection_pop(connection);
	send_reply(connection, status, &call.out);
}

static bool is_parked(const struct rpc_session *session, const struct transaction *transaction)
{
	for (const struct rpc_parked *p = session->parked; p; p = p->next)
		if (p->address == transaction->address && p->number == transaction->number)
			return true;
	return false;
}

/* BODY waits, with its descriptors, until the calls before it have come. */
static void park(struct rpc_connection *connection, const struct transaction *transaction, const struct rpc_node *node,
		 const uint8_t *body, size_t size)
{
	struct rpc_session *session = connection->session;
	struct rpc_parked *parked;

	if (transaction->number < node->next_oneway || is_parked(session, transaction)) {
		rpc_connection_fail(connection, "the number of a oneway call occurred before");
		return;
	}
	if (session->parked_count == RPC_MAX_PARKED || session->parked_bytes + size > RPC_MAX_PARKED_BYTES) {
		rpc_connection_fail(connection, "too many oneway calls came before their turn");
		return;
	}
	parked = malloc(sizeof(*parked) + size);
	if (!parked) {
		rpc_connection_fail_by_error(connection, "a oneway call can't be kept", -ENOMEM);
		return;
	}
	*parked = (struct rpc_parked){
		.next = session->parked,
		.address = transaction->address,
		.number = transaction->number,
		.fd_count = connection->fd_count,
		.size = size,
	};
	memcpy(parked->fds, connection->fds, sizeof(parked->fds));
	memcpy(parked->body, body, size);
	connection->fd_count = 0;
	session->parked = parked;
	session->parked_count++;
	session->parked_bytes += size;
}

/* NULL: the next oneway call of NODE has not come. */
static struct rpc_parked *unpark(struct rpc_session *session, const struct rpc_node *node)
{
	for (struct rpc_parked **at = &session->parked; *at; at = &(*at)->next) {
		struct rpc_parked *parked = *at;

		if (parked->address != node->address || parked->number != node->next_oneway)
			continue;
		*at = parked->next;
		session->parked_count--;
		session->parked_bytes -= parked->size;
		return parked;
	}
	return NULL;
}

void rpc_parked_free(struct rpc_session *session)
{
	while (session->parked) {
		struct rpc_parked *parked = session->parked;

		session->parked = parked->next;
		for (size_t i = 0; i < parked->fd_count; i++)
			close_fd(parked->fds[i]);
		free(parked);
	}
}

static struct transaction parse_head(const uint8_t *body)
{
	return (struct transaction){
		.address = get_le64(body),
		.code = get_le32(body + 8),
		.oneway = get_le32(body + 12) & RPC_FLAG_ONEWAY,
		.number = get_le64(body + 16),
		.parcel_size = get_le32(body + 24),
	};
}

static void run_body(struct rpc_connection *connection, struct rpc_node *node, const uint8_t *body, size_t size)
{
	const struct transaction transaction = parse_head(body);

	if (transaction.oneway && node)
		node->next_oneway++;
	run(connection, &transaction, node, body + RPC_TRANSACT_BYTES, size - RPC_TRANSACT_BYTES);
}

/* The calls that waited for the one that has just run.  The object may be released by one of them. */
static void run_parked(struct rpc_connection *connection, uint64_t address)
{
	struct rpc_session *session = connection->session;
	struct rpc_node *node;
	struct rpc_parked *parked;

	while (!session->ended && (node = rpc_node_find(session, address)) && node->object &&
	       (parked = unpark(session, node))) {
		for (size_t i = 0; i < connection->fd_count; i++)
			close_fd(connection->fds[i]);
		memcpy(connection->fds, parked->fds, sizeof(parked->fds));
		connection->fd_count = parked->fd_count;
		run_body(connection, node, parked->body, parked->size);
		free(parked);
	}
}

static void call_object(struct rpc_connection *connection, const struct transaction *transaction, const uint8_t *body,
			size_t size)
{
	struct rpc_node *node = rpc_node_find(connection->session, transaction->address);

	if (!node || !node->object) {
		rpc_connection_fail(connection, "the peer called an object that it does not have");
		return;
	}
	node->received++;
	if (!transaction->oneway) {
		run_body(connection, node, body, size);
	} else if (transaction->number != node->next_oneway) {
		park(connection, transaction, node, body, size);
	} else {
		run_body(connection, node, body, size);
		run_parked(connection, transaction->address);
	}
}

void rpc_transact(struct rpc_connection *connection, const uint8_t *body, size_t size)
{
	struct transaction transaction;

	/* On a connection on which we call, the peer may only call back while we wait for its answer. */
	if (size < RPC_TRANSACT_BYTES || (connection->caller && !(connection->calls && connection->calls->ours))) {
		rpc_connection_fail(connection,
				    size < RPC_TRANSACT_BYTES ? "a call is too short" : "a call came where none may");
		return;
	}
	transaction = parse_head(body);
	if (transaction.address & RPC_ADDRESS_OPTIONS & ~RPC_ADDRESS_KNOWN_OPTIONS)
		refuse(connection, &transaction, RPC_BAD_VALUE);
	else if (!transaction.address)
		run_body(connection, NULL, body, size);
	else
		call_object(connection, &transaction, body, size);
}

/* The connection on which the call NUMBER is what the peer waits for; NULL: there is none. */
static struct rpc_connection *find_call(struct rpc_endpoint *endpoint, uint32_t number)
{
	for (struct rpc_session *session = endpoint->sessions; session; session = session->next)
		for (struct rpc_connection *c = session->connections; c && !session->ended; c = c->next)
			if (c->calls && !c->calls->ours && c->calls->number == number)
				return c;
	return NULL;
}

int rpc_reply(struct rpc_endpoint *endpoint, uint32_t number, int32_t status, struct parcel_writer *writer)
{
	struct rpc_connection *connection;

	rpc_endpoint_enter(endpoint);
	connection = find_call(endpoint, number);
	if (connection) {
		rpc_connection_pop(connection);
		send_reply(connection, status, writer);
		rpc_connection_watch(connection);
	}
	rpc_endpoint_leave(endpoint);
	parcel_writer_free(writer);
	return connection ? 0 : -ENOENT;
}
