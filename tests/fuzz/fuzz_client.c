/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The client library against a manager that sends arbitrary messages.  The input is a row of packets, each after four bytes:
 * the length of the packet (16 bits), how many descriptors come with it, and what the client does.  All packets wait in
 * the socket, then the client acts.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "common/cleanup.h"
#include "common/transport.h"
#include "harness.h"
#include "libavf/manager_client.h"

enum { MAX_STEPS = 32, HEAD_BYTES = 4, NUMBER_AT = 8, PATCHED = 0x80, DESCRIPTORS = 0x3f };

struct run {
	struct evm_client client;
	int peer;
	uint8_t steps[MAX_STEPS];
	size_t step_count;
};

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	harness_descriptor(0);
	return 0;
}

/* When PATCHED, the packet gets its length and the number of the next request: a fuzzer would hardly count. */
static void say(struct run *run, const uint8_t *packet, size_t length, uint8_t descriptors)
{
	static uint8_t bytes[UINT16_MAX];

	memcpy(bytes, packet, length);
	if (descriptors & PATCHED && length >= EVM_HEADER_BYTES) {
		harness_set_length(bytes, length);
		memset(bytes + NUMBER_AT, 0, 4);
		bytes[NUMBER_AT] = (uint8_t)run->step_count;
	}
	harness_send(run->peer, bytes, length, (descriptors & DESCRIPTORS) % (HARNESS_MAX_SENT + 1), descriptors);
}

static void say_all(struct run *run, const uint8_t *data, size_t size)
{
	while (size >= HEAD_BYTES && run->step_count < MAX_STEPS) {
		size_t length = data[0] | (size_t)data[1] << 8;
		uint8_t descriptors = data[2];

		run->steps[run->step_count++] = data[3];
		data += HEAD_BYTES, size -= HEAD_BYTES;
		if (length > size)
			length = size;
		say(run, data, length, descriptors);
		data += length, size -= length;
	}
}

static void on_event(const struct evm_event *event, void *data)
{
	(void)data;
	CHECK(event->type >= EVM_PAYLOAD_STARTED && event->type <= EVM_PAYLOAD_LOG);
	CHECK(strlen(event->text) <= EVM_MAX_TEXT_BYTES);
}

static void on_end(const struct evm_end *end, void *data)
{
	(void)data;
	CHECK(strlen(end->text) <= EVM_MAX_TEXT_BYTES);
}

static int create(struct run *run)
{
	struct evm_vm_config config = EVM_VM_CONFIG_NONE;
	uint32_t cid;

	config.name = "name";
	config.kernel = harness_descriptor(0);
	return evm_client_create_vm(&run->client, &config, &cid);
}

static int connect_vsock(struct run *run)
{
	int fd = -1, r = evm_client_connect_vsock(&run->client, 100, 2000, &fd);

	CHECK((r == 0) == (fd >= 0));
	close_fd(fd);
	return r;
}

static int act(struct run *run, uint8_t step)
{
	struct evm_vm_status status;
	struct evm_message info;
	struct evm_end end;

	switch (step % 14) {
	case 0:
		return create(run);
	case 1:
		return evm_client_start_vm(&run->client, 100);
	case 2:
		return evm_client_stop_vm(&run->client, 100);
	case 3:
		return evm_client_drop_vm(&run->client, 100);
	case 4:
		return evm_client_get_state(&run->client, 100, &status);
	case 5:
		return connect_vsock(run);
	case 6:
		return evm_client_wait(&run->client, 100, -1, &end);
	case 7:
		return evm_client_receive_notices(&run->client);
	case 8:
		return evm_client_hold_vm(&run->client, 100);
	case 9:
		return evm_client_unhold_vm(&run->client, 100);
	case 10:
		return evm_client_list_vms(&run->client, 100, &info);
	case 11:
		return evm_client_initialize_partition(&run->client, harness_descriptor(4), 4096, EVM_PARTITION_RAW);
	case 12:
		evm_client_set_end_handler(&run->client, on_end, NULL);
		return 0;
	default:
		evm_client_set_end_handler(&run->client, NULL, NULL);
		return 0;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t before = harness_descriptors();
	struct run run = { .client = { .manager = -1 } };
	int ends[2];

	CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0);
	run.client.connection = ends[0];
	run.peer = ends[1];
	evm_client_set_event_handler(&run.client, on_event, NULL);
	say_all(&run, data, size);
	shutdown(run.peer, SHUT_WR);
	for (size_t i = 0; i < run.step_count; i++) {
		int r = act(&run, run.steps[i]);

		CHECK(r <= 0 && (r == 0 || *evm_client_error(&run.client) || run.client.status != EVM_STATUS_OK));
		CHECK(run.client.end_count <= EVM_MAX_VMS);
	}
	evm_client_close(&run.client);
	close_fd(run.peer);
	CHECK(harness_descriptors() == before);
	return 0;
}
