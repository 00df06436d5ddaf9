/* SPDX-License-Identifier: Apache-2.0 */
/* Lives of VMs, with each kind of VMM. */
#include "seeds.h"

#include "manager_steps.h"
#include "messages.h"

#define FILES (FILE_KERNEL | FILE_INITRD | FILE_CONSOLE)
#define SAYS "{\"event\": \"SHUTDOWN\", \"data\": {\"reason\": \"guest-reset\"}}\n"
#define FAILS "PVM_FIRMWARE_PUBLIC_KEY_MISMATCH|more\n"

/* clang-format off */
static const struct life {
	const char *name;
	uint8_t steps[10][4];
	const char *words; /* behind the last step */
} lives[] = {
	{ "stopped", { { STEP_CREATE, 0, FILES, 0 }, { STEP_START }, { STEP_STATE }, { STEP_STOP }, { STEP_VMM_EXITS }, { STEP_DROP } }, "" },
	{ "killed", { { STEP_CREATE, 0, FILES, CONFIG_PARAMS }, { STEP_START }, { STEP_VMM_IS_KILLED, 0, 9 }, { STEP_STATE } }, "" },
	{ "says", { { STEP_CREATE, 0, FILES, 0 }, { STEP_START }, { STEP_VMM_SAYS, 0, sizeof(SAYS) - 1 } }, SAYS },
	{ "fails", { { STEP_CREATE, 0, FILES, 0 }, { STEP_START }, { STEP_GUEST_SAYS, 0, sizeof(FAILS) - 1 } }, FAILS },
	{ "refused", { { STEP_CREATE, 0, FILES, 0 }, { STEP_VMM_REFUSES }, { STEP_START }, { STEP_CREATE, 0, FILES, 0 } }, "" },
	{ "twice", { { STEP_CREATE, 0, FILES, 0 }, { STEP_CREATE, 0, FILES, 0 }, { STEP_START }, { STEP_START }, { STEP_CREATE, 0, FILES, 0 } }, "" },
	{ "unlisted", { { STEP_CREATE, 4, FILES, 0 }, { STEP_CREATE, 5, FILES, 0 }, { STEP_CREATE, 6, FILES, 0 }, { STEP_CREATE, 9, FILES, 0 } }, "" },
	{ "everything", { { STEP_CREATE, 1, 0xff, 0xfe }, { STEP_CREATE, 2, FILE_KERNEL | FILE_DISK | FILE_MEMORY, 6 }, { STEP_START, 2 },
			  { STEP_CONNECT, 2, 0, 8 }, { STEP_CONNECT, 2, 1, 0 }, { STEP_CLIENT_GOES } }, "" },
	{ "held", { { STEP_CREATE, 0, FILES, 0 }, { STEP_START }, { STEP_HOLD }, { STEP_LIST }, { STEP_UNHOLD }, { STEP_HOLD }, { STEP_CLIENT_GOES } }, "" },
	{ "more", { { STEP_CREATE_MORE, 0, FILE_KERNEL, MORE_HANGUP | MORE_AFFINITY | MORE_PROFILES }, { STEP_START },
		    { STEP_CREATE_MORE, 1, FILE_CONSOLE, MORE_BOOTLOADER | 128 }, { STEP_START, 1 }, { STEP_PARTITION, 4, 0, 9 } }, "" },
	{ "together", { { STEP_CREATE | STEP_TOGETHER, 0, FILES, 0 }, { STEP_START | STEP_TOGETHER }, { STEP_STOP | STEP_TOGETHER },
			{ STEP_DROP | STEP_TOGETHER }, { STEP_STATE }, { STEP_VMM_EXITS }, { STEP_CLIENT_IS_DEAF } }, "" },
};
/* clang-format on */

static struct seed begin(const struct life *life, uint8_t kind)
{
	struct seed seed = { .size = 0 };

	seed_add(&seed, &kind, 1);
	for (size_t i = 0; i < sizeof(life->steps) / sizeof(life->steps[0]) &&
			   life->steps[i][0] + life->steps[i][1] + life->steps[i][2];
	     i++)
		seed_add(&seed, life->steps[i], sizeof(life->steps[i]));
	return seed;
}

static void write_packet(const char *directory)
{
	struct evm_packet packet = example_packet(EVM_CREATE_VM);
	const uint8_t head[] = { 0, STEP_PACKET, (uint8_t)packet.length, (uint8_t)(packet.length >> 8),
				 (uint8_t)packet.descriptor_count };
	struct seed seed = { .size = 0 };

	seed_add(&seed, head, sizeof(head));
	seed_add(&seed, packet.bytes, packet.length);
	seed_write(&seed, directory, "packet");
}

int main(int argc, char *argv[])
{
	char name[64];

	if (argc != 2)
		errx(2, "usage: seeds_manager DIRECTORY");
	for (size_t i = 0; i < sizeof(lives) / sizeof(lives[0]); i++) {
		for (uint8_t kind = 0; kind < 4; kind++) {
			struct seed seed = begin(&lives[i], kind);

			seed_add(&seed, lives[i].words, strlen(lives[i].words));
			snprintf(name, sizeof(name), "%s-%u", lives[i].name, kind);
			seed_write(&seed, argv[1], name);
		}
	}
	write_packet(argv[1]);
	return 0;
}
