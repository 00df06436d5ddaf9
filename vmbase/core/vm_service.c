// SPDX-License-Identifier: Apache-2.0
/*
 * As little of RPC binder (libbinder's RpcWireFormat.h) as a caller of one object needs: one session of one connection, one
 * call at a time.  Numbers are little endian.
 */
#include "vmbase/vm_service.h"

#include "little_endian.h"
#include "vmbase/error.h"
#include "vmbase/string.h"

enum {
	VERSION = 2,
	CONNECTION_HEADER_SIZE = 16, /* the version, and zeros: a new session without descriptors */
	INIT_SIZE = 8,
	RESPONSE_SIZE = 8,
	HEADER_SIZE = 16,
	TRANSACT_SIZE = 40,
	REPLY_SIZE = 20,
	MAX_ANSWER = 512, /* an exception's message is longer than what is looked at */
};

enum { TRANSACT = 0, REPLY = 1, DEC_STRONG = 2 };
enum { GET_ROOT = 0, NOTIFY_STARTED = 1, NOTIFY_READY = 2, NOTIFY_FINISHED = 3, NOTIFY_ERROR = 4 };
enum { OBJECT_BINDER = 1 };

static const char interface[] = "android.system.virtualmachineservice.IVirtualMachineService";

/* A call, from its header to the end of its parcel. */
struct message {
	uint8_t bytes[HEADER_SIZE + TRANSACT_SIZE + 2 * (sizeof(interface) + 2) + 2 * (VM_SERVICE_TEXT_MAX + 3) + 24];
	uint32_t size;
};

static void set32(uint8_t *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

static void put32(struct message *message, uint32_t value)
{
	set32(message->bytes + message->size, value);
	message->size += 4;
}

/* UTF-16 with a NUL, on a 4-byte boundary; TEXT is ASCII. */
static void put_string(struct message *message, const char *text, uint32_t length)
{
	put32(message, length);
	for (uint32_t i = 0; i < length; i++)
		message->bytes[message->size + 2 * i] = (uint8_t)text[i];
	message->size += (2 * (length + 1) + 3) & ~3u;
}

static void begin(struct message *message, const uint8_t address[8], uint32_t code)
{
	memset(message, 0, sizeof(*message));
	memcpy(message->bytes + HEADER_SIZE, address, 8);
	set32(message->bytes + HEADER_SIZE + 8, code);
	message->size = HEADER_SIZE + TRANSACT_SIZE;
}

/* Drops SIZE bytes. */
static int skip(struct vm_service *service, uint32_t size)
{
	uint8_t bytes[64];
	int r = 0;

	for (uint32_t now; r == 0 && size; size -= now) {
		now = size < sizeof(bytes) ? size : (uint32_t)sizeof(bytes);
		r = vsock_receive_all(service->vsock, service->connection, bytes, now);
	}
	return r;
}

/* The start of the reply's parcel, past references that the host gives back meanwhile. */
static int receive_reply(struct vm_service *service, uint8_t parcel[12])
{
	uint8_t header[HEADER_SIZE], body[REPLY_SIZE + 12] = { 0 };
	uint32_t size, part;
	int r;

	do {
		r = vsock_receive_all(service->vsock, service->connection, header, sizeof(header));
		if (r < 0)
			return r;
		size = le32(header + 4);
		if ((le32(header) != REPLY && le32(header) != DEC_STRONG) || size > MAX_ANSWER)
			return -EPROTO;
		part = size < sizeof(body) ? size : (uint32_t)sizeof(body);
		r = vsock_receive_all(service->vsock, service->connection, body, part);
		if (r == 0)
			r = skip(service, size - part);
		if (r < 0)
			return r;
	} while (le32(header) != REPLY);
	if (size < REPLY_SIZE || le32(body) != 0)
		return -EPROTO;
	memcpy(parcel, body + REPLY_SIZE, 12);
	return 0;
}

static int call(struct vm_service *service, struct message *message, uint8_t answer[12])
{
	int r;

	set32(message->bytes, TRANSACT);
	set32(message->bytes + 4, message->size - HEADER_SIZE);
	set32(message->bytes + HEADER_SIZE + 24, message->size - HEADER_SIZE - TRANSACT_SIZE);
	r = vsock_send(service->vsock, service->connection, message->bytes, message->size);
	return r < 0 ? r : receive_reply(service, answer);
}

static int get_root(struct vm_service *service)
{
	static const uint8_t special[8];
	struct message message;
	uint8_t answer[12];
	int r;

	begin(&message, special, GET_ROOT);
	r = call(service, &message, answer);
	if (r < 0)
		return r;
	if (le32(answer) != OBJECT_BINDER)
		return -EPROTO;
	memcpy(service->root, answer + 4, sizeof(service->root));
	return 0;
}

static int open_session(struct vm_service *service)
{
	uint8_t first[CONNECTION_HEADER_SIZE + INIT_SIZE] = { VERSION }, response[RESPONSE_SIZE];
	int r;

	memcpy(first + CONNECTION_HEADER_SIZE, "cci", 3);
	r = vsock_send(service->vsock, service->connection, first, sizeof(first));
	if (r == 0)
		r = vsock_receive_all(service->vsock, service->connection, response, sizeof(response));
	if (r < 0)
		return r;
	if (le32(response) < 1 || le32(response) > VERSION)
		return -EPROTO;
	return get_root(service);
}

int vm_service_connect(struct vm_service *service, struct vsock *vsock)
{
	struct vsock_connection *connection;
	int r = vsock_connect(vsock, VSOCK_CID_HOST, (uint32_t)vsock_cid(vsock), &connection);

	if (r < 0)
		return r;
	*service = (struct vm_service){ .vsock = vsock, .connection = connection };
	r = open_session(service);
	if (r < 0)
		vm_service_disconnect(service);
	return r;
}

/* The answer begins with the exception: 0 is none. */
static int notify(struct vm_service *service, struct message *message)
{
	uint8_t answer[12];
	int r = call(service, message, answer);

	return r < 0 ? r : le32(answer) != 0 ? -EPROTO : 0;
}

static void begin_method(struct message *message, const struct vm_service *service, uint32_t code)
{
	begin(message, service->root, code);
	put_string(message, interface, sizeof(interface) - 1);
}

int vm_service_started(struct vm_service *service)
{
	struct message message;

	begin_method(&message, service, NOTIFY_STARTED);
	return notify(service, &message);
}

int vm_service_ready(struct vm_service *service)
{
	struct message message;

	begin_method(&message, service, NOTIFY_READY);
	return notify(service, &message);
}

int vm_service_finished(struct vm_service *service, int32_t exit_code)
{
	struct message message;

	begin_method(&message, service, NOTIFY_FINISHED);
	put32(&message, (uint32_t)exit_code);
	return notify(service, &message);
}

int vm_service_error(struct vm_service *service, int32_t code, const char *text)
{
	struct message message;

	begin_method(&message, service, NOTIFY_ERROR);
	put32(&message, (uint32_t)code);
	put_string(&message, text, (uint32_t)strnlen(text, VM_SERVICE_TEXT_MAX));
	return notify(service, &message);
}

void vm_service_disconnect(struct vm_service *service)
{
	vsock_close(service->vsock, service->connection);
	service->connection = NULL;
}
