/* SPDX-License-Identifier: Apache-2.0 */
/* The lines of tests/rpcbinder/transcripts, for programs that make seeds of them. */
#ifndef TESTS_FUZZ_SEEDS_RPC_H
#define TESTS_FUZZ_SEEDS_RPC_H

#include <stdbool.h>
#include <stdlib.h>

#include "rpc_steps.h"
#include "seeds.h"

static const char *const seed_recordings[] = {
	"setup-1conn",  "setup-incoming2", "setup-server3", "setup-fdmode-none", "vm",           "vm-v1",
	"vm-android15", "vm-0incoming",    "vm-layout15",   "vm-layout26",       "vm-generated", "guest",
};

enum { SEED_RECORDINGS = sizeof(seed_recordings) / sizeof(seed_recordings[0]) };

struct seed_line {
	int connection;
	bool to_server, end;
	size_t fd_count, size;
	uint8_t bytes[4096];
};

static inline FILE *seed_recording_open(const char *name)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "tests/rpcbinder/transcripts/%s.rec", name);
	file = fopen(path, "re");
	if (!file)
		err(1, "%s", path);
	return file;
}

/* False: there are no more. */
static inline bool seed_line_next(FILE *file, struct seed_line *ret)
{
	static char line[10000], hex[9000];
	char direction[4];

	if (!fgets(line, sizeof(line), file))
		return false;
	if (sscanf(line, "%d %3s %zu %*s %8999s", &ret->connection, direction, &ret->fd_count, hex) != 4)
		errx(1, "not a line of a recording: %s", line);
	ret->to_server = direction[0] == 'C';
	ret->end = strcmp(hex, "EOF") == 0;
	ret->size = ret->end ? 0 : strlen(hex) / 2;
	for (size_t i = 0; i < ret->size; i++) {
		const char digits[] = { hex[2 * i], hex[2 * i + 1], 0 };

		ret->bytes[i] = (uint8_t)strtoul(digits, NULL, 16);
	}
	return true;
}

#endif
