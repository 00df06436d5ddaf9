/* SPDX-License-Identifier: Apache-2.0 */
/* What a manager says in good order: answers, with events and ends between them. */
#include "seeds.h"

#include "messages.h"

/* What the client does, as fuzz_client.c has it. */
enum {
	CREATE,
	START,
	STOP,
	DROP,
	STATE,
	CONNECT,
	WAIT,
	HEAR,
	HOLD,
	UNHOLD,
	LIST,
	PARTITION,
	KEEP_NO_ENDS,
	KEEP_ENDS,
	PATCHED = 0x80
};

static void say(struct seed *seed, uint16_t type, uint8_t step)
{
	struct evm_packet packet = example_packet(type);
	uint8_t head[] = { (uint8_t)packet.length, (uint8_t)(packet.length >> 8), (uint8_t)packet.descriptor_count,
			   step };

	if (type == EVM_ANSWER)
		head[2] |= PATCHED;
	seed_add(seed, head, sizeof(head));
	seed_add(seed, packet.bytes, packet.length);
}

int main(int argc, char *argv[])
{
	struct seed life = { .size = 0 }, events = { .size = 0 };

	if (argc != 2)
		errx(2, "usage: seeds_client DIRECTORY");
	say(&life, EVM_ANSWER, CREATE);
	say(&life, EVM_ANSWER, START);
	say(&life, EVM_ANSWER, STATE);
	say(&life, EVM_ANSWER, CONNECT);
	say(&life, EVM_ANSWER, HOLD);
	say(&life, EVM_ANSWER, LIST);
	say(&life, EVM_ANSWER, UNHOLD);
	say(&life, EVM_ANSWER, PARTITION);
	say(&life, EVM_ANSWER, STOP);
	say(&life, EVM_VM_DIED, WAIT);
	say(&life, EVM_ANSWER, DROP);
	seed_write(&life, argv[1], "life");
	for (int type = EVM_PAYLOAD_STARTED; type <= EVM_PAYLOAD_LOG; type++)
		say(&events, type, HEAR);
	say(&events, EVM_VM_DIED, KEEP_NO_ENDS);
	say(&events, EVM_VM_DIED, KEEP_ENDS);
	say(&events, EVM_ANSWER, WAIT);
	seed_write(&events, argv[1], "events");
	return 0;
}
