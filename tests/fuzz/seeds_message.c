/* SPDX-License-Identifier: Apache-2.0 */
/* One message of each type, full, and as short as it can be. */
#include "seeds.h"

#include "messages.h"

enum { WITH_LENGTH = 0x80 }; /* as fuzz_message.c has it */

static void write_packet(const char *directory, const char *prefix, int type, const struct evm_packet *packet)
{
	const uint8_t descriptors[] = { (uint8_t)packet->descriptor_count, WITH_LENGTH };
	struct seed seed = { .size = 0 };
	char name[64];

	seed_add(&seed, descriptors, sizeof(descriptors));
	seed_add(&seed, packet->bytes, packet->length);
	snprintf(name, sizeof(name), "%s-%03x", prefix, (unsigned int)type);
	seed_write(&seed, directory, name);
}

static void write_short(const char *directory, int type)
{
	struct evm_message message;
	struct evm_packet packet;

	evm_message_init(&message, type, 1);
	strcpy(message.name, "n");
	if (evm_encode(&message, &packet) == 0)
		write_packet(directory, "short", type, &packet);
}

int main(int argc, char *argv[])
{
	struct evm_message message;
	struct evm_packet packet;

	if (argc != 2)
		errx(2, "usage: seeds_message DIRECTORY");
	for (int type = 0; type < 0x200; type++) {
		example_fill(&message, type);
		if (evm_encode(&message, &packet) < 0)
			continue; /* there is no such type */
		write_packet(argv[1], "full", type, &packet);
		write_short(argv[1], type);
	}
	return 0;
}
