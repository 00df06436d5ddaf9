/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Internal to the library: what its files share.
 *
 *	session.c      endpoints, sessions, their end
 *	connection.c   reading and writing messages
 *	handshake.c    the first bytes of a connection
 *	client.c       a client's set-up
 *	references.c   addresses and who holds references to them
 *	transact.c     calls of our objects
 *	call.c         our calls of the peer's
 *	bootstrap.c    connections that come over a socket
 */
#ifndef RPCBINDER_SESSION_STATE_H
#define RPCBINDER_SESSION_STATE_H

#include "rpcbinder/send_queue.h"
#include "rpcbinder/session.h"

/* An object that both sides know. */
struct rpc_node {
	struct rpc_node *next;
	uint64_t address;
	bool local;                /* one of ours */
	struct rpc_object *object; /* NULL when it was released, or is the peer's */
	uint64_t sent;             /* references that we gave: binders in parcels, and calls of the peer's object */
	uint64_t received;         /* references that we have */
	bool kept;                 /* the owner wants `received` to stay */
	uint64_t next_sent_oneway, next_oneway; /* numbers of oneway calls, ours and the peer's */
};

/* A oneway call that came before its turn. */
struct rpc_parked {
	struct rpc_parked *next;
	uint64_t address, number;
	int fds[RPC_MAX_FDS];
	size_t fd_count, size;
	uint8_t body[];
};

/* A two-way call that is under way on a connection. */
struct rpc_frame {
	struct rpc_frame *below; /* the call that this one is part of */
	uint32_t number;
	bool ours; /* we wait for the answer; else the peer does */
	rpc_done done;
	void *data;
};

enum rpc_connection_state {
	RPC_AT_HEADER,   /* server: the connection header */
	RPC_AT_ID,       /* server: the session's ID */
	RPC_AT_INIT,     /* the side that is called on this connection: "cci" */
	RPC_AT_RESPONSE, /* client: the answer to a new session */
	RPC_AT_MESSAGE,  /* a message's header */
	RPC_AT_BODY,
	RPC_CONNECTION_STATES
};

struct rpc_connection {
	struct rpc_connection *next;
	struct rpc_endpoint *endpoint;
	struct rpc_session *session; /* NULL: not known yet */
	int fd;
	void *user;
	uint32_t watched;
	enum rpc_connection_state state;
	bool caller;            /* we call on it: INCOMING for a server, ordinary for a client */
	bool closed;            /* freed when nothing uses it any more */
	const char *end_reason; /* why it closed before it had a session */
	int end_error;

	uint8_t head[RPC_CONNECTION_HEADER_BYTES + RPC_SESSION_ID_BYTES];
	size_t have; /* bytes of what the state waits for */
	uint8_t *body;
	size_t body_size, body_capacity;
	int fds[RPC_MAX_FDS];
	size_t fd_count;
	bool fds_lost; /* this process could not take all that came */

	struct rpc_send_queue out;
	struct rpc_frame *calls; /* the innermost first */
	size_t depth;
};

struct rpc_session {
	struct rpc_session *next;
	struct rpc_endpoint *endpoint;
	struct rpc_connection *connections;
	void *user;
	bool server;       /* we are */
	const char *ended; /* why */
	int end_error;     /* negative errno, or 0 */
	uint32_t version;
	uint8_t id[RPC_SESSION_ID_BYTES];
	struct rpc_node *nodes;
	size_t node_count;
	uint32_t next_number; /* of a local object */
	unsigned int turn;    /* which connection the next call takes */
	struct rpc_parked *parked;
	size_t parked_count, parked_bytes;
	struct rpc_setup *setup; /* a client's, until it is done */
};

struct rpc_endpoint {
	struct rpc_settings settings;
	struct rpc_session *sessions;
	struct rpc_connection *handshakes;
	uint32_t next_call;
	size_t bootstrap_have; /* bytes of a request for a connection */
	int bootstrap_fd;      /* and the descriptor that came with them; -1 */
	bool bootstrap_bad;
	unsigned int depth; /* how often it was entered and not left; at 0 what has ended is freed */
};

/* session.c.  Each call of the interface stands between rpc_endpoint_enter and rpc_endpoint_leave. */
struct rpc_session *rpc_session_new(struct rpc_endpoint *endpoint, bool server);
struct rpc_session *rpc_session_find(struct rpc_endpoint *endpoint, const uint8_t id[RPC_SESSION_ID_BYTES]);
size_t rpc_session_count(const struct rpc_endpoint *endpoint);
/* How many connections of SESSION we call on, or are called on. */
size_t rpc_session_connections(const struct rpc_session *session, bool caller);
/* Moves CONNECTION from the endpoint's handshakes to SESSION, which ends if CONNECTION has failed. */
void rpc_session_join(struct rpc_session *session, struct rpc_connection *connection);
void rpc_session_end_by_error(struct rpc_session *session, const char *reason, int error);

/* connection.c */
/* Among the endpoint's handshakes; takes SOCKET over, in any case.  NULL: *RET_ERROR says why. */
struct rpc_connection *rpc_connection_new(struct rpc_endpoint *endpoint, int socket, enum rpc_connection_state state,
					  int *ret_error);
void rpc_connection_free(struct rpc_connection *connection);
/* Ends CONNECTION: and its session, if it has one. */
void rpc_connection_fail(struct rpc_connection *connection, const char *reason);
/* The same for a system call that failed with ERROR, a negative errno. */
void rpc_connection_fail_by_error(struct rpc_connection *connection, const char *reason, int error);
void rpc_connection_expect(struct rpc_connection *connection, enum rpc_connection_state state);
/* Sends SIZE bytes, now or later. */
void rpc_connection_send(struct rpc_connection *connection, const void *bytes, size_t size);
/* Sends a message: HEAD and, unless it is NULL, the parcel of WRITER, whose descriptors it takes. */
void rpc_connection_send_message(struct rpc_connection *connection, enum rpc_command command, const uint8_t *head,
				 size_t size, struct parcel_writer *writer);
/* Waits for what can be dealt with in the connection's state. */
void rpc_connection_watch(struct rpc_connection *connection);
int rpc_connection_push(struct rpc_connection *connection, bool ours, rpc_done done, void *data, uint32_t *ret_number);
void rpc_connection_pop(struct rpc_connection *connection);

/* handshake.c: what a connection waited for is in connection->head. */
void rpc_handshake_header(struct rpc_connection *connection);
void rpc_handshake_id(struct rpc_connection *connection);
void rpc_handshake_init(struct rpc_connection *connection);
void rpc_send_init(struct rpc_connection *connection);

/* client.c */
void rpc_client_response(struct rpc_connection *connection);
void rpc_client_established(struct rpc_connection *connection);
void rpc_client_ended(struct rpc_session *session);

/* references.c */
struct rpc_node *rpc_node_find(struct rpc_session *session, uint64_t address);
/* Counts a reference that came; false: the address can't be (the session has ended). */
bool rpc_node_receive(struct rpc_session *session, uint64_t address);
/* Gives AMOUNT references that we have to NODE back, on CONNECTION. */
void rpc_node_give_back(struct rpc_connection *connection, struct rpc_node *node, uint64_t amount);
/* Forgets NODE if nobody has references, and its object is not the root. */
void rpc_node_forget(struct rpc_session *session, struct rpc_node *node);
/* Counts the binders of WRITER as sent; or, not SENT, forgets those that nobody has. */
void rpc_count_sent(struct rpc_session *session, const struct parcel_writer *writer, bool sent);
/* A DEC_STRONG came. */
void rpc_dec_strong(struct rpc_connection *connection, const uint8_t *body, size_t size);
void rpc_nodes_free(struct rpc_session *session);

/* transact.c */
void rpc_transact(struct rpc_connection *connection, const uint8_t *body, size_t size);
/* Reads parcel and object table that follow a message's head.  RPC_OK, or a status to answer with; false: the session has ended. */
bool rpc_receive_parcel(struct rpc_connection *connection, const uint8_t *body, size_t size, size_t parcel_size,
			struct parcel_reader *ret, int32_t *ret_status);
/* After a parcel was used: references to the peer's objects that nobody keeps go back. (references.c) */
void rpc_release_unread(struct rpc_connection *connection);
void rpc_parked_free(struct rpc_session *session);

/* call.c */
void rpc_receive_reply(struct rpc_connection *connection, const uint8_t *body, size_t size);
/* On CONNECTION, whatever it waits for. */
int rpc_connection_call(struct rpc_connection *connection, uint64_t address, uint32_t code,
			struct parcel_writer *writer, rpc_done done, void *data);
/* Calls that the end of the session leaves without an answer. */
void rpc_calls_free(struct rpc_connection *connection);

#endif
