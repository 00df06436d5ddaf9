/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RPC binder sessions, as a server or as a client, for a program with one thread that waits for many descriptors.
 *
 * An endpoint is one side of any number of sessions; a session is one or more stream sockets between two endpoints.  Nothing
 * blocks: sockets are non-blocking, the owner says when one is readable or writable (rpc_connection_ready), and what
 * a peer does not take is queued, up to a limit.  Whatever a peer does wrong ends its session, and only that.
 *
 * Objects may be freed, sessions and connections end, inside any call of this interface but those made by a class's or endpoint's own
 * function while it runs: these are freed when the outermost call returns.  Who makes several calls elsewhere, and needs an object or a
 * session after the first of them, keeps them by rpc_endpoint_enter.  Not thread-safe.
 */
#ifndef RPCBINDER_SESSION_H
#define RPCBINDER_SESSION_H

#include "rpcbinder/parcel.h"

struct rpc_endpoint;
struct rpc_session;
struct rpc_connection;

/* A call of one of our objects. */
struct rpc_call {
	struct rpc_session *session;
	struct rpc_object *object;
	uint32_t number; /* for rpc_reply */
	uint32_t code;
	bool oneway;
	struct parcel_reader in;  /* after the interface's name */
	struct parcel_writer out; /* empty */
};

enum { RPC_LATER = 1 };

struct rpc_class {
	const char *descriptor; /* of the interface; ASCII */
	/*
	 * Answers CALL: 0 with the reply in CALL->out, or a negative status and what is in CALL->out is dropped; or RPC_LATER: rpc_reply
	 * follows.  Descriptors that it does not take (parcel_take_fd) are closed, references that it does not keep
	 * (rpc_session_keep) given back.
	 */
	int32_t (*transact)(struct rpc_object *object, struct rpc_call *call);
	/* The peer of SESSION has no reference to the object any more, or the session ends.  May be NULL. */
	void (*released)(struct rpc_object *object, struct rpc_session *session);
};

/* An object that a peer may call; the owner's, who keeps it until `released`. */
struct rpc_object {
	const struct rpc_class *class;
};

/* Reasons of rpc_settings.ended that are no failure: compare the pointers. */
extern const char rpc_peer_closed[], rpc_shut_down[];

struct rpc_settings {
	struct rpc_object *root; /* what GET_ROOT gives; NULL: nothing, as for a client */
	enum rpc_fd_mode fd_mode;
	uint32_t version;     /* the highest that is spoken; 0: RPC_VERSION_MAX */
	uint32_t max_threads; /* ordinary connections of a session, 1 or more */
	uint32_t max_sessions;
	uint32_t max_body; /* largest body of a message that is taken */

	/*
	 * Waits for EVENTS of epoll(7), level-triggered, on the connection's socket from here on; the first time for a connection it is
	 * added.  0 or a negative errno, which ends the connection.
	 */
	int (*watch)(struct rpc_connection *connection, uint32_t events, void *data);
	void (*unwatch)(struct rpc_connection *connection, void *data); /* before the socket is closed */
	/*
	 * A session has ended, or (SESSION NULL) a connection has failed before it belonged to one, other than by a hang-up.  May be NULL.
	 * REASON: static text, rpc_peer_closed if the peer hung up, rpc_shut_down after rpc_endpoint_shutdown.  ERROR: the negative
	 * errno of the system call that failed, or 0.
	 */
	void (*ended)(struct rpc_session *session, const char *reason, int error, void *data);
	void *data;
};

/* NULL: no memory.  SETTINGS are copied. */
struct rpc_endpoint *rpc_endpoint_new(const struct rpc_settings *settings);

/* Ends all sessions and hand-shakes; others may be accepted after it. */
void rpc_endpoint_shutdown(struct rpc_endpoint *endpoint);

/* The same, and frees it: not while one of its functions runs.  ENDPOINT may be NULL. */
void rpc_endpoint_free(struct rpc_endpoint *endpoint);

/*
 * Between these two nothing is freed: a session that ends meanwhile can be asked and called still (-ENOTCONN), and its objects stay.
 * The second one frees what has ended, and tells `released` and `ended` of it, unless another call or pair stands around it.
 */
void rpc_endpoint_enter(struct rpc_endpoint *endpoint);
void rpc_endpoint_leave(struct rpc_endpoint *endpoint);

/* No sessions, and none being set up. */
bool rpc_endpoint_is_idle(const struct rpc_endpoint *endpoint);

/*
 * A server's: a client connected.  Takes SOCKET over, in any case, and makes it non-blocking.  0 or a negative errno,
 * -EBUSY: RPC_MAX_HANDSHAKES connections have not said yet what they are for.
 */
int rpc_endpoint_accept(struct rpc_endpoint *endpoint, int socket);

/*
 * A server's: reads a request for a connection from the BOOTSTRAP socket, and accepts it.  A malformed one is dropped.
 * 0, -EAGAIN when there is none, -ECONNRESET when the client closed the socket, or another negative errno of recvmsg(2).
 */
int rpc_endpoint_bootstrap(struct rpc_endpoint *endpoint, int bootstrap);

/* The other side of that: makes a connection over BOOTSTRAP.  Returns its socket, or a negative errno. */
int rpc_bootstrap_connect(int bootstrap);

/* How a client sets a session up. */
struct rpc_connect {
	uint32_t incoming;       /* connections on which the server calls this client */
	int (*open)(void *data); /* a new connection to the server: its socket, or a negative errno */
	/* The session can be used.  ROOT: the address of the server's root, kept for the caller. */
	void (*ready)(struct rpc_session *session, uint64_t root, void *data);
	void *data;
};

/* A client's.  0 or a negative errno; that the set-up fails later is told by `ended`. */
int rpc_endpoint_connect(struct rpc_endpoint *endpoint, const struct rpc_connect *connect);

/* The socket of CONNECTION has EVENTS of epoll(7). */
void rpc_connection_ready(struct rpc_connection *connection, uint32_t events);

int rpc_connection_fd(const struct rpc_connection *connection);

/* A pointer of the owner's, for watch and unwatch; NULL at first. */
void **rpc_connection_user(struct rpc_connection *connection);

/* Ends SESSION; its connections are closed. */
void rpc_session_end(struct rpc_session *session, const char *reason);

uint32_t rpc_session_version(const struct rpc_session *session);
const uint8_t *rpc_session_id(const struct rpc_session *session);

/* How many bytes wait, on all connections, because the peer does not read. */
size_t rpc_session_backlog(const struct rpc_session *session);

/* A pointer of the owner's; NULL at first. */
void **rpc_session_user(struct rpc_session *session);

/* Sends the reply of a call that was answered by RPC_LATER.  Frees WRITER's content.  -ENOENT: the session has ended. */
int rpc_reply(struct rpc_endpoint *endpoint, uint32_t number, int32_t status, struct parcel_writer *writer);

/*
 * The address of OBJECT in SESSION, to write into a parcel that is sent to it; it is made known there.  0: no memory, or
 * RPC_MAX_NODES.  An object in a reply that is not sent is released when the call has been answered.
 */
uint64_t rpc_session_address(struct rpc_session *session, struct rpc_object *object);

/* Keeps the peer's object at ADDRESS, which came in a parcel that is being read.  -ENOENT: it is no object of the peer. */
int rpc_session_keep(struct rpc_session *session, uint64_t address);

/* Gives all references to the peer's object back, when it has run our oneway calls. */
void rpc_session_release(struct rpc_session *session, uint64_t address);

/* The end of a call.  READER has the reply of a STATUS that is RPC_OK; else it is empty. */
typedef void (*rpc_done)(struct rpc_session *session, int32_t status, struct parcel_reader *reader, void *data);

/*
 * Calls the peer's object at ADDRESS (0: a special transaction) with the parcel in WRITER, whose content is freed in any
 * case.  DONE NULL: oneway, nobody answers.  WITHIN: the number of a call that is being answered and that this call is part of
 * (nested on its connection); 0: a connection of its own.
 * -ENOTCONN: there is no connection for it; -EBUSY: all wait for an answer; -ENOENT; -EINVAL: WRITER has failed; -ENOBUFS.
 */
int rpc_session_call(struct rpc_session *session, uint64_t address, uint32_t code, struct parcel_writer *writer,
		     uint32_t within, rpc_done done, void *data);

#endif
