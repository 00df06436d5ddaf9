/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers of Android's RPC binder protocol (libs/binder: RpcWireFormat.h, RpcState.cpp, Parcel.cpp, Status.h), wire
 * versions 1 and 2, and the limits of this implementation.  All numbers on the wire are little endian.
 */
#ifndef RPCBINDER_WIRE_H
#define RPCBINDER_WIRE_H

#include <stdint.h>

#include "common/byte_order.h"

enum {
	/* Version 0 has no object table, so no descriptors; no release with early VMs offers it. */
	RPC_VERSION_MIN = 1,
	RPC_VERSION_MAX = 2, /* 1: the object table lists descriptors; 2: binders, too */

	RPC_SESSION_ID_BYTES = 32,
	RPC_CONNECTION_HEADER_BYTES = 16,
	RPC_INIT_BYTES = 8,     /* "cci", NUL, 4 reserved: sent by the side that calls on the connection */
	RPC_RESPONSE_BYTES = 8, /* to a new session: the version, 4 reserved */
	RPC_HEADER_BYTES = 16,  /* of each message: command, size of the body, 8 reserved */
	RPC_TRANSACT_BYTES = 40,
	RPC_REPLY_BYTES = 20,
	RPC_DEC_STRONG_BYTES = 16,
};

/* Connection header: byte 4. */
enum { RPC_OPTION_INCOMING = 1 }; /* the server calls on this connection */

/* Connection header: byte 5, how descriptors travel in the session. */
enum rpc_fd_mode {
	RPC_FDS_NONE = 0,
	RPC_FDS_UNIX = 1, /* SCM_RIGHTS, with the first byte of the message's header */
};

enum rpc_command { RPC_TRANSACT = 0, RPC_REPLY = 1, RPC_DEC_STRONG = 2 };

enum { RPC_FLAG_ONEWAY = 1 };

/* Transactions on address 0. */
enum { RPC_GET_ROOT = 0, RPC_GET_MAX_THREADS = 1, RPC_GET_SESSION_ID = 2 };

/* Codes that every binder answers; user methods are 1 to RPC_LAST_USER_CODE, and start with their interface's name. */
enum {
	RPC_LAST_USER_CODE = 0x00ffffff,
	RPC_INTERFACE_TRANSACTION = 0x5f4e5446, /* "_NTF" */
	RPC_PING_TRANSACTION = 0x5f504e47,      /* "_PNG" */
	RPC_EXTENSION_TRANSACTION = 0x5f455854, /* "_EXT" */
	RPC_DEBUG_PID_TRANSACTION = 0x5f504944, /* "_PID" */
};

/* An address: the first 32 bits say whose it is, the others count the objects of that side. */
#define RPC_ADDRESS_CREATED UINT64_C(1)
#define RPC_ADDRESS_FOR_SERVER UINT64_C(2) /* an object of the session's server */
#define RPC_ADDRESS_KNOWN_OPTIONS (RPC_ADDRESS_CREATED | RPC_ADDRESS_FOR_SERVER)
#define RPC_ADDRESS_OPTIONS UINT64_C(0xffffffff)

/* Objects in a parcel. */
enum { RPC_OBJECT_NONE = 0, RPC_OBJECT_BINDER = 1, RPC_OBJECT_FD = 2 };
enum { RPC_BINDER_OBJECT_BYTES = 12, RPC_FD_OBJECT_BYTES = 8 };

/* What a binder promises to stay like; the manager is part of the system image. */
enum { RPC_STABILITY_VENDOR = 3, RPC_STABILITY_SYSTEM = 12, RPC_STABILITY_VINTF = 63 };

/* status_t: 0, or a negative number; most are negative errno values of Linux. */
enum rpc_status {
	RPC_OK = 0,
	RPC_PERMISSION_DENIED = -1,
	RPC_NAME_NOT_FOUND = -2,
	RPC_NO_MEMORY = -12,
	RPC_BAD_VALUE = -22,
	RPC_DEAD_OBJECT = -32,
	RPC_NOT_ENOUGH_DATA = -61,
	RPC_UNKNOWN_TRANSACTION = -74,
	RPC_BAD_TYPE = INT32_MIN + 1,
	RPC_UNEXPECTED_NULL = INT32_MIN + 8,
};

/* The head of a method's reply. */
enum rpc_exception {
	RPC_EX_NONE = 0,
	RPC_EX_SECURITY = -1,
	RPC_EX_BAD_PARCELABLE = -2,
	RPC_EX_ILLEGAL_ARGUMENT = -3,
	RPC_EX_NULL_POINTER = -4,
	RPC_EX_ILLEGAL_STATE = -5,
	RPC_EX_NETWORK_MAIN_THREAD = -6,
	RPC_EX_UNSUPPORTED_OPERATION = -7,
	RPC_EX_SERVICE_SPECIFIC = -8,
	RPC_EX_PARCELABLE = -9,
	RPC_EX_HAS_NOTED_APPOPS_HEADER = -127, /* both are extra headers that only Java writes: skipped */
	RPC_EX_HAS_REPLY_HEADER = -128,
};

enum {
	/* The smallest limit of the peers served (Android 15): no larger body is sent. */
	RPC_MAX_SENT_BODY = 100000,
	/* A VM has at most 16 disks, 8 memory files and 9 other files; a message with more descriptors fails. */
	RPC_MAX_FDS = 64,
	/* As many as RPC_MAX_FDS, and as many binders: no method has more than two. */
	RPC_MAX_OBJECTS = 2 * RPC_MAX_FDS,
	/* Of one session: clients use 2 for callbacks; one more serves only to use up memory. */
	RPC_MAX_INCOMING = 8,
	/* Connections that have not said yet which session they belong to: an honest client opens 3 at a time. */
	RPC_MAX_HANDSHAKES = 16,
	/* Addresses of one session: 256 VMs with one callback each, twice over. */
	RPC_MAX_NODES = 1024,
	/* What one connection keeps for a peer that does not read: 256 VMs with 5 callbacks of 200 bytes, and their upkeep, fit. */
	RPC_MAX_QUEUE_BYTES = 1024 * 1024,
	/* Oneway calls that came before their turn, of one session; a client sends from few threads. */
	RPC_MAX_PARKED = 64,
	RPC_MAX_PARKED_BYTES = 256 * 1024,
	/* Calls on one connection that wait for each other: a callback in a call, and a call in that, are 3. */
	RPC_MAX_NESTED = 8,
	/* What is allocated for a body before its bytes arrive. */
	RPC_BODY_STEP = 4096,
};

#endif
