/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A message as it arrives, in both directions: the first byte says how many descriptors come with it, the second of which
 * kinds, and whether the header has the length of what follows; the others are its bytes.  What is refused keeps no descriptor; what
 * is accepted has each of them once, and encoding it gives a message that is the same and that encodes to the same bytes again.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "common/transport.h"
#include "harness.h"
#include "../message_equal.h"

enum { WITH_LENGTH = 0x80, MAX_BYTES = 9000 };

static int ends[2];

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	harness_descriptor(0);
	CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0);
	return 0;
}

static size_t taken;
static bool seen[256];

static void take(int *fd)
{
	if (*fd < 0)
		return;
	CHECK((size_t)*fd < sizeof(seen) && !seen[*fd]);
	seen[*fd] = true;
	taken++;
}

static void check_descriptors(struct evm_message *message, size_t sent)
{
	taken = 0;
	memset(seen, 0, sizeof(seen));
	evm_message_each_descriptor(message, take);
	CHECK(taken == sent);
}

static void check_round_trip(const struct evm_message *message)
{
	static struct evm_packet packet, again;
	struct evm_message decoded;
	const char *problem;

	memset(&decoded, 0x5a, sizeof(decoded)); /* other bytes than those into which MESSAGE was decoded */
	CHECK(evm_encode(message, &packet) == 0);
	CHECK(evm_decode(&packet, &decoded, &problem) == 0);
	CHECK(messages_equal(message, &decoded));
	CHECK(evm_encode(&decoded, &again) == 0);
	CHECK(packet.length == again.length && !memcmp(packet.bytes, again.bytes, packet.length));
	CHECK(packet.descriptor_count == again.descriptor_count);
	CHECK(!memcmp(packet.descriptors, again.descriptors, packet.descriptor_count * sizeof(packet.descriptors[0])));
}

static void receive(size_t sent)
{
	struct evm_message message, untouched;
	const char *problem = NULL;
	int r;

	memset(&message, 0xa5, sizeof(message));
	untouched = message;
	r = evm_receive(ends[0], MSG_DONTWAIT, &message, &problem);
	if (r == 0) {
		check_descriptors(&message, sent);
		check_round_trip(&message);
		evm_message_close(&message);
		return;
	}
	CHECK(r == -ECONNRESET || (r == -EPROTO && problem && *problem));
	if (r == -EPROTO) {
		CHECK(message.type == 0);
		check_descriptors(&message, 0);
	} else {
		CHECK(memcmp(&message, &untouched, sizeof(message)) == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t bytes[MAX_BYTES];
	size_t before = harness_descriptors(), count;

	if (size < 2 || size > MAX_BYTES)
		return 0;
	count = data[0] % (HARNESS_MAX_SENT + 1);
	memcpy(bytes, data + 2, size - 2);
	if (data[1] & WITH_LENGTH)
		harness_set_length(bytes, size - 2);
	CHECK(harness_send(ends[1], bytes, size - 2, count, data[1]));
	receive(count);
	CHECK(harness_descriptors() == before);
	return 0;
}
