/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stream sockets to the host: the virtio socket device (virtio 1.2, section 5.10), polled.
 *
 * A blocking call returns when the peer answers or ends the connection, or the device fails.  There is no time-out: a guest can
 * do nothing about a host that does not answer, and ending a guest that hangs is the manager's task.
 * While any call blocks, packets of all connections are received.
 *
 * Not thread-safe.  Pointers to connections belong to the driver and are valid until vsock_close.
 */
#ifndef VMBASE_VSOCK_H
#define VMBASE_VSOCK_H

#include <stddef.h>
#include <stdint.h>

#include "vmbase/virtio.h"

#define VSOCK_CID_HOST 2ull

#define VSOCK_CONNECTIONS   8
#define VSOCK_LISTENERS     4
#define VSOCK_RECEIVE_SIZE  4096u /* bytes that a connection holds until vsock_receive takes them */
#define VSOCK_PACKET_DATA   1024u /* bytes of data in one packet, at most */

/* The header of every packet (5.10.6), without padding between its fields. */
struct vsock_header {
	uint64_t source_cid, target_cid;
	uint32_t source_port, target_port;
	uint32_t size; /* of the data behind it */
	uint16_t type, operation;
	uint32_t flags;
	uint32_t buffer_size; /* credit: how much the sender can hold for this connection in all */
	uint32_t forwarded;   /* and how much of what came its user has taken, ever (it wraps) */
} __attribute__((packed));

_Static_assert(sizeof(struct vsock_header) == 44, "virtio 5.10.6");

/* Field `type` */
#define VSOCK_TYPE_STREAM 1

/* Field `operation` */
enum vsock_operation {
	VSOCK_REQUEST = 1,
	VSOCK_RESPONSE = 2,
	VSOCK_RESET = 3,
	VSOCK_SHUTDOWN = 4,
	VSOCK_DATA = 5,
	VSOCK_CREDIT_UPDATE = 6,
	VSOCK_CREDIT_REQUEST = 7,
};

/* Field `flags` of VSOCK_SHUTDOWN */
#define VSOCK_NO_MORE_RECEIVE 1u
#define VSOCK_NO_MORE_SEND    2u
#define VSOCK_NO_MORE         3u /* both */

struct vsock_packet {
	struct vsock_header header;
	uint8_t data[VSOCK_PACKET_DATA];
};

enum vsock_state {
	VSOCK_FREE,
	VSOCK_CONNECTING, /* our request is on its way */
	VSOCK_ACCEPTABLE, /* the peer's request was answered; vsock_accept returns it */
	VSOCK_CONNECTED,
	VSOCK_CLOSING,  /* our shutdown is on its way */
	VSOCK_RESETTED, /* the peer, or an error, ended it; `error` says why */
};

struct vsock_connection {
	enum vsock_state state;
	int error;
	uint64_t peer_cid;
	uint32_t local_port, peer_port;
	uint32_t peer_buffer_size, peer_forwarded, sent; /* the peer's credit */
	uint32_t received, taken;                        /* ours; received - taken bytes are in the buffer */
	uint32_t advertised_taken;                       /* the last value of `taken` that the peer was sent */
	uint32_t peer_shutdown;                          /* flags of its VSOCK_SHUTDOWN */
	uint16_t pending;                                /* operations to send when the queue is free, a bit each */
	uint8_t buffer[VSOCK_RECEIVE_SIZE];
};

/* What to refuse: packets that belong to no connection are answered with a reset (5.10.6.4.1). */
struct vsock_refusal {
	uint64_t peer_cid;
	uint32_t local_port, peer_port;
};

#define VSOCK_QUEUES 3 /* receive, transmit, event: the numbers of virtio */

struct vsock {
	struct virtio_device *device;
	struct virtqueue queues[VSOCK_QUEUES];
	struct vsock_packet received[VIRTQUEUE_SIZE]; /* the device fills these */
	struct vsock_packet transmitted;
	uint32_t events[VIRTQUEUE_SIZE];
	uint64_t cid;
	uint32_t next_port;
	uint32_t listeners[VSOCK_LISTENERS]; /* ports; 0: free */
	struct vsock_connection connections[VSOCK_CONNECTIONS];
	struct vsock_refusal refusals[VIRTQUEUE_SIZE];
	unsigned refusal_count;
};

/*
 * Starts the driver in *VSOCK (some 60 KiB: static or from the heap) on DEVICE, which it uses from then on; both must
 * stay.  Errors of virtio_start.
 */
int vsock_start(struct vsock *vsock, struct virtio_device *device);

/* The CID of this guest. */
uint64_t vsock_cid(const struct vsock *vsock);

/* -ECONNREFUSED: no process listens there; -ENOMEM: VSOCK_CONNECTIONS are open; -EIO: the device is broken. */
int vsock_connect(struct vsock *vsock, uint64_t cid, uint32_t port, struct vsock_connection **ret);

/* Lets peers connect to PORT from now on.  -EINVAL: port 0; -EEXIST: it is listened on already; -ENOMEM: no listener left. */
int vsock_listen(struct vsock *vsock, uint32_t port);

/* Waits for a connection to PORT.  -ENOTCONN: vsock_listen was not called for it; -EIO. */
int vsock_accept(struct vsock *vsock, uint32_t port, struct vsock_connection **ret);

/* Sends all SIZE bytes.  -EPIPE: the peer has shut down receiving; -ECONNRESET; -EIO. */
int vsock_send(struct vsock *vsock, struct vsock_connection *connection, const void *data, size_t size);

/*
 * Waits for data and returns how many bytes were put into BUFFER, 1 .. SIZE (a positive int); 0: the peer has shut down sending.
 * -ECONNRESET (what came before is still returned first); -EIO.
 */
int vsock_receive(struct vsock *vsock, struct vsock_connection *connection, void *buffer, uint32_t size);

/* The same until SIZE bytes are there; -EPIPE: the peer ended before. */
int vsock_receive_all(struct vsock *vsock, struct vsock_connection *connection, void *buffer, uint32_t size);

/* Ends the connection, after all that was sent was received by the peer's system, and frees it. */
void vsock_close(struct vsock *vsock, struct vsock_connection *connection);

#endif
