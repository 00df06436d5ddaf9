/* SPDX-License-Identifier: Apache-2.0 */
/* A server of the library and a peer that sends it bytes of its own choice. */
#ifndef TESTS_RPC_PEER_H
#define TESTS_RPC_PEER_H

#include "rpc_loop.h"

struct rpc_peer {
	struct rpc_loop loop; /* first: rpc_loop_watch */
	struct rpc_endpoint *endpoint;
	struct rpc_session *session; /* the last that called; NULL when it ended */
	int bootstrap[2];
	unsigned int ended, calls, released;
	const char *reason; /* why the last session ended, or connection failed */
	int error;          /* and the negative errno, if there was one */
	struct rpc_object root, child;
	uint32_t last_code;
	uint32_t order[16]; /* arguments of calls of method 4, in the order in which they ran */
	uint32_t later;     /* the number of a call that was not answered; method 3 */
	uint64_t callback;  /* the last that came by method 5, kept */
	uint32_t version;
};

/* The root's interface: "test.IRoot".  Methods of the root. */
enum {
	PEER_NEW = 1,      /* -> the child */
	PEER_FD = 2,       /* fd, which it takes -> the same */
	PEER_LATER = 3,    /* is answered by peer_answer_later */
	PEER_ORDER = 4,    /* int */
	PEER_CALLBACK = 5, /* binder, which it keeps */
	PEER_IGNORE = 6,   /* anything, which it does not read */
};

extern const struct rpc_class peer_root_class, peer_child_class;

/* For rpc_settings: counts in DATA, a struct rpc_peer. */
void rpc_peer_ended(struct rpc_session *session, const char *reason, int error, void *data);

void rpc_peer_begin(struct rpc_peer *peer, enum rpc_fd_mode fd_mode);
void rpc_peer_end(struct rpc_peer *peer);

/* The client's end of a new connection. */
int rpc_peer_connect(struct rpc_peer *peer);

/* Sends, and lets the server do what it wants. */
void rpc_peer_send(struct rpc_peer *peer, int socket, const void *bytes, size_t size);
void rpc_peer_send_fds(struct rpc_peer *peer, int socket, const void *bytes, size_t size, size_t fd_count);

/* A session with one connection of VERSION; GET_ROOT was asked. */
int rpc_peer_start(struct rpc_peer *peer, uint32_t version);

/* One more connection of the session. */
int rpc_peer_join(struct rpc_peer *peer, bool incoming);

/* Whether the server closed the connection (what it sent before is dropped). */
bool rpc_peer_is_closed(int socket);

/* The next message from the server into RET (a body of at most 512 bytes).  Its size, 0 when there is none. */
size_t rpc_peer_receive(int socket, uint8_t ret[528]);

/* The status of the next reply, past DEC_STRONGs; 1: there is none. */
int32_t rpc_peer_status(int socket, uint8_t ret[528]);

/* Parts of a message. */
struct rpc_bytes {
	uint8_t bytes[4096];
	size_t size;
};

void put32(struct rpc_bytes *bytes, uint32_t value);
void put64(struct rpc_bytes *bytes, uint64_t value);

/* A TRANSACT; PARCEL is sent whole, with OBJECTS offsets of its table. */
void put_transact(struct rpc_bytes *bytes, uint64_t address, uint32_t code, bool oneway, uint64_t number,
		  const struct parcel_writer *parcel);

/* The same with user method CODE of the root, whose name comes first in the parcel. */
struct parcel_writer peer_arguments(uint32_t version);

#define PEER_ROOT_ADDRESS UINT64_C(3)

#endif
