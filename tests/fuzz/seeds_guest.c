/* SPDX-License-Identifier: Apache-2.0 */
/* One message of each kind of a guest, and the life of a payload that fails.  The first byte says where the stream is cut. */
#include "seeds.h"

#include "early_vm/guest_protocol.h"

static void add(struct seed *seed, enum evm_guest_type type, int32_t value, const char *text)
{
	const struct evm_guest_header header = { EVM_GUEST_MAGIC, EVM_GUEST_VERSION, (uint8_t)type, value,
						 (uint32_t)strlen(text) };

	if (!seed->size)
		seed_add(seed, "\x07", 1);
	seed_add(seed, &header, sizeof(header));
	seed_add(seed, text, strlen(text));
}

int main(int argc, char *argv[])
{
	static const struct {
		const char *name;
		enum evm_guest_type type;
		int32_t value;
		const char *text;
	} messages[] = {
		{ "started", EVM_GUEST_STARTED, 0, "" },
		{ "ready", EVM_GUEST_READY, 0, "" },
		{ "log", EVM_GUEST_LOG, 0, "a line \x1b[31m\n" },
		{ "error", EVM_GUEST_ERROR, EVM_GUEST_ERROR_PAYLOAD_CHANGED, "it changed" },
		{ "finished", EVM_GUEST_FINISHED, -1, "" },
	};
	struct seed life = { .size = 0 };

	if (argc != 2)
		errx(2, "usage: seeds_guest DIRECTORY");
	for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
		struct seed one = { .size = 0 };

		add(&one, messages[i].type, messages[i].value, messages[i].text);
		add(&life, messages[i].type, messages[i].value, messages[i].text);
		seed_write(&one, argv[1], messages[i].name);
	}
	seed_write(&life, argv[1], "life");
	return 0;
}
