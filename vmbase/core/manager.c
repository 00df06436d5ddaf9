// SPDX-License-Identifier: Apache-2.0
#include "vmbase/manager.h"

#include "vmbase/error.h"
#include "vmbase/string.h"

int manager_connect(struct manager *manager, struct vsock *vsock)
{
	struct vsock_connection *connection;
	int r = vsock_connect(vsock, VSOCK_CID_HOST, (uint32_t)vsock_cid(vsock), &connection);

	if (r < 0)
		return r;
	*manager = (struct manager){ .vsock = vsock, .connection = connection };
	return 0;
}

static int notify(struct manager *manager, enum evm_guest_type type, int32_t value, const char *text)
{
	struct evm_guest_header header = {
		.magic = EVM_GUEST_MAGIC,
		.version = EVM_GUEST_VERSION,
		.type = (uint8_t)type,
		.value = value,
		.text_size = (uint32_t)strnlen(text, EVM_GUEST_TEXT_MAX),
	};
	struct evm_guest_reply reply;
	int r = vsock_send(manager->vsock, manager->connection, &header, sizeof(header));

	if (r == 0 && header.text_size)
		r = vsock_send(manager->vsock, manager->connection, text, header.text_size);
	if (r == 0)
		r = vsock_receive_all(manager->vsock, manager->connection, &reply, sizeof(reply));
	if (r < 0)
		return r;
	if (reply.magic != EVM_GUEST_MAGIC || reply.version != EVM_GUEST_VERSION || reply.status != EVM_GUEST_OK)
		return -EPROTO;
	return 0;
}

int manager_started(struct manager *manager)
{
	return notify(manager, EVM_GUEST_STARTED, 0, "");
}

int manager_ready(struct manager *manager)
{
	return notify(manager, EVM_GUEST_READY, 0, "");
}

int manager_finished(struct manager *manager, int32_t exit_code)
{
	return notify(manager, EVM_GUEST_FINISHED, exit_code, "");
}

int manager_error(struct manager *manager, int32_t code, const char *text)
{
	return notify(manager, EVM_GUEST_ERROR, code, text);
}

int manager_log(struct manager *manager, const char *line)
{
	return notify(manager, EVM_GUEST_LOG, 0, line);
}

void manager_disconnect(struct manager *manager)
{
	vsock_close(manager->vsock, manager->connection);
	manager->connection = NULL;
}
