/* SPDX-License-Identifier: Apache-2.0 */
/* Our calls of the peer's objects. */
#include <errno.h>

#include "rpcbinder/session_state.h"

static void write_head(uint8_t head[RPC_TRANSACT_BYTES], uint64_t address, uint32_t code, struct rpc_node *node,
		       bool oneway, uint32_t parcel_size)
{
	memset(head, 0, RPC_TRANSACT_BYTES);
	put_le64(head, address);
	put_le32(head + 8, code);
	put_le32(head + 12, oneway ? RPC_FLAG_ONEWAY : 0);
	put_le64(head + 16, oneway && node ? node->next_sent_oneway++ : 0);
	put_le32(head + 24, parcel_size);
}

int rpc_connection_call(struct rpc_connection *connection, uint64_t address, uint32_t code,
			struct parcel_writer *writer, rpc_done done, void *data)
{
	struct rpc_session *session = connection->session;
	struct rpc_node *node = address ? rpc_node_find(session, address) : NULL;
	uint8_t head[RPC_TRANSACT_BYTES];
	uint32_t number;
	int r;

	if (writer->status != RPC_OK)
		return -EINVAL;
	if (address && (!node || node->local || !node->received))
		return -ENOENT;
	r = done ? rpc_connection_push(connection, true, done, data, &number) : 0;
	if (r < 0)
		return r;
	write_head(head, address, code, node, !done, (uint32_t)writer->size);
	if (node)
		node->sent++;
	rpc_count_sent(session, writer, true);
	rpc_connection_send_message(connection, RPC_TRANSACT, head, sizeof(head), writer);
	return session->ended ? -ENOTCONN : 0;
}

static struct rpc_connection *find_outer(struct rpc_session *session, uint32_t within)
{
	for (struct rpc_connection *c = session->connections; c; c = c->next)
		if (c->calls && !c->calls->ours && c->calls->number == within)
			return c;
	return NULL;
}

/* They take turns, so that a slow callback does not hold up all others. */
static struct rpc_connection *choose(struct rpc_session *session, bool oneway, int *ret_error)
{
	struct rpc_connection *chosen = NULL;
	unsigned int usable = 0, turn = 0;

	*ret_error = -ENOTCONN;
	for (int round = 0; round < 2 && !chosen; round++) {
		unsigned int i = 0;

		for (struct rpc_connection *c = session->connections; c && !chosen; c = c->next) {
			if (!c->caller || c->state < RPC_AT_MESSAGE)
				continue;
			*ret_error = -EBUSY;
			if (!oneway && c->calls)
				continue;
			if (round == 0)
				usable++;
			else if (i++ == turn)
				chosen = c;
		}
		if (usable)
			turn = session->turn % usable;
	}
	session->turn++;
	return chosen;
}

int rpc_session_call(struct rpc_session *session, uint64_t address, uint32_t code, struct parcel_writer *writer,
		     uint32_t within, rpc_done done, void *data)
{
	struct rpc_connection *connection = NULL;
	int r = -ENOTCONN;

	rpc_endpoint_enter(session->endpoint);
	if (!session->ended)
		connection = within ? find_outer(session, within) : choose(session, !done, &r);
	if (connection)
		r = rpc_connection_call(connection, address, code, writer, done, data);
	if (connection && r == 0)
		rpc_connection_watch(connection);
	parcel_writer_free(writer);
	rpc_endpoint_leave(session->endpoint);
	return r;
}

void rpc_receive_reply(struct rpc_connection *connection, const uint8_t *body, size_t size)
{
	struct rpc_session *session = connection->session;
	struct rpc_frame *frame = connection->calls;
	struct parcel_reader reader;
	int32_t status, parcel_status;
	rpc_done done;
	void *data;

	if (!frame || !frame->ours || size < RPC_REPLY_BYTES) {
		rpc_connection_fail(connection, size < RPC_REPLY_BYTES ? "a reply is too short" :
									 "a reply came that answers no call");
		return;
	}
	status = (int32_t)get_le32(body);
	/* A failed call has no parcel; what there is of one is not looked at, as Android's clients do. */
	if (status != RPC_OK)
		parcel_reader_init(&reader, NULL, 0, session->version);
	else if (!rpc_receive_parcel(connection, body + RPC_REPLY_BYTES, size - RPC_REPLY_BYTES, get_le32(body + 4),
				     &reader, &parcel_status))
		return;
	else if (parcel_status != RPC_OK)
		status = parcel_status;
	done = frame->done;
	data = frame->data;
	rpc_connection_pop(connection);
	done(session, status, &reader, data);
	if (!session->ended)
		rpc_release_unread(connection);
}

void rpc_calls_free(struct rpc_connection *connection)
{
	while (connection->calls) {
		struct rpc_frame *frame = connection->calls;
		struct parcel_reader nothing;
		bool ours = frame->ours;
		rpc_done done = frame->done;
		void *data = frame->data;

		rpc_connection_pop(connection);
		parcel_reader_init(&nothing, NULL, 0, connection->session->version);
		if (ours)
			done(connection->session, RPC_DEAD_OBJECT, &nothing, data);
	}
}
