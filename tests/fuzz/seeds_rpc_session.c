/* SPDX-License-Identifier: Apache-2.0 */
/* Each recording twice: the client's bytes for a server, the server's for a client. */
#include "seeds_rpc.h"

static void add_step(struct seed *seed, enum rpc_step_operation operation, int connection)
{
	const uint8_t step = (uint8_t)(operation * RPC_STEP_CONNECTIONS + (unsigned int)connection);

	seed_add(seed, &step, 1);
}

/* The recorded ID becomes the one that the fuzzer's sessions have. */
static void replace_id(struct seed_line *line)
{
	const size_t header = 16, id = 32;

	if (line->to_server && line->size >= header + id && line->bytes[14] == id && line->bytes[15] == 0 &&
	    line->bytes[0] <= 2 && line->bytes[1] == 0)
		memset(line->bytes + header, RPC_STEP_ID_BYTE, id);
}

/* What one connection says until the other side answers, as one step; the relay cut it into small pieces. */
struct speech {
	uint8_t bytes[8192];
	size_t size, fd_count;
	bool open;
};

static void flush(struct seed *seed, struct speech speeches[RPC_STEP_CONNECTIONS], bool as_server)
{
	for (int i = 0; i < RPC_STEP_CONNECTIONS; i++) {
		struct speech *speech = &speeches[i];
		const uint8_t head[] = { (uint8_t)speech->fd_count, (uint8_t)speech->size,
					 (uint8_t)(speech->size >> 8) };

		if (!speech->size)
			continue;
		if (!speech->open && as_server)
			add_step(seed, RPC_STEP_OPEN, i);
		add_step(seed, RPC_STEP_SEND, i);
		seed_add(seed, head, sizeof(head));
		seed_add(seed, speech->bytes, speech->size);
		/* Where the recording has callbacks, answers and references, so that these occur. */
		add_step(seed, RPC_STEP_CALL, as_server ? 1 : 2);
		add_step(seed, RPC_STEP_ANSWER, 0);
		*speech = (struct speech){ .open = true };
	}
}

static void write_seed(const char *directory, const char *recording, bool as_server)
{
	static struct seed seed;
	static struct seed_line line;
	static struct speech speeches[RPC_STEP_CONNECTIONS];
	FILE *file = seed_recording_open(recording);
	char name[64];
	const uint8_t role = as_server ? RPC_STEP_AS_SERVER : RPC_STEP_AS_CLIENT;

	memset(speeches, 0, sizeof(speeches));
	seed.size = 0;
	seed_add(&seed, &role, 1);
	while (seed_line_next(file, &line)) {
		struct speech *speech = &speeches[line.connection ? line.connection - 1 : 0];

		if (line.to_server != as_server || line.fd_count || speech->size + line.size > sizeof(speech->bytes))
			flush(&seed, speeches, as_server);
		if (line.connection == 0 || line.to_server != as_server || line.end)
			continue;
		replace_id(&line);
		memcpy(speech->bytes + speech->size, line.bytes, line.size);
		speech->size += line.size;
		speech->fd_count += line.fd_count;
	}
	flush(&seed, speeches, as_server);
	add_step(&seed, RPC_STEP_RELEASE, 0);
	fclose(file);
	snprintf(name, sizeof(name), "%s-%c", recording, role);
	seed_write(&seed, directory, name);
}

int main(int argc, char *argv[])
{
	if (argc != 2)
		errx(2, "usage: seeds_rpc_session DIRECTORY");
	for (size_t i = 0; i < SEED_RECORDINGS; i++) {
		write_seed(argv[1], seed_recordings[i], true);
		write_seed(argv[1], seed_recordings[i], false);
	}
	return 0;
}
