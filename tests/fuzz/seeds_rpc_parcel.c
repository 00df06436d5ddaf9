/* SPDX-License-Identifier: Apache-2.0 */
/* The arguments of each recorded call, and the default of each parcelable in each release. */
#include "rpc_parcel_input.h"
#include "seeds_rpc.h"

static void add_head(struct seed *seed, size_t subject, int release, uint32_t version, size_t fd_count,
		     size_t object_count)
{
	const uint8_t head[RPC_PARCEL_INPUT_HEAD] = {
		(uint8_t)subject,
		(uint8_t)(release | RPC_PARCEL_STRICT | (version >= 2 ? RPC_PARCEL_VERSION_2 : 0)),
		(uint8_t)fd_count,
		(uint8_t)object_count,
	};

	seed->size = 0;
	seed_add(seed, head, sizeof(head));
}

/* Where METHOD is among all subjects. */
static size_t subject_of(const struct aidl_method *method)
{
	size_t number = 0;

	while (rpc_parcel_input_method(number) != method)
		number++;
	return aidl_parcelable_count + number;
}

/* BODY: of a TRANSACT. */
static void write_call(const char *directory, const char *recording, int number, const uint8_t *body, size_t size,
		       size_t fd_count, int release)
{
	static struct seed seed;
	size_t parcel_size = get_le32(body + 24), objects;
	struct parcel_reader reader;
	char name[96];

	if (size < RPC_TRANSACT_BYTES + parcel_size)
		return;
	objects = (size - RPC_TRANSACT_BYTES - parcel_size) / 4;
	for (size_t i = 0; i < aidl_interface_count; i++) {
		const struct aidl_method *method =
			aidl_find_method(aidl_interfaces[i], (enum aidl_release)release, get_le32(body + 8));

		parcel_reader_init(&reader, body + RPC_TRANSACT_BYTES, parcel_size, 2);
		if (!method || !parcel_read_is_string(&reader, aidl_interfaces[i]->descriptor) ||
		    reader.at == parcel_size)
			continue;
		add_head(&seed, subject_of(method), release, 2, fd_count, objects);
		seed_add(&seed, reader.data + reader.at, parcel_size - reader.at);
		for (size_t k = 0; k < objects; k++) {
			uint8_t offset[4];

			/* The interface's name is left out. */
			put_le32(offset,
				 get_le32(body + RPC_TRANSACT_BYTES + parcel_size + 4 * k) - (uint32_t)reader.at);
			seed_add(&seed, offset, sizeof(offset));
		}
		snprintf(name, sizeof(name), "%s-%d", recording, number);
		seed_write(&seed, directory, name);
	}
}

/* All bytes to the server on connection 1, cut into messages after the 24 bytes of the handshake. */
static void write_calls(const char *directory, const char *recording, int release)
{
	static struct seed_line line;
	static uint8_t bytes[65536];
	size_t size = 0, handshake = 24, fds[512] = { 0 }, starts[512], lines = 0, at;
	FILE *file = seed_recording_open(recording);

	while (seed_line_next(file, &line)) {
		if (line.connection != 1 || !line.to_server || line.end)
			continue;
		starts[lines] = size;
		fds[lines++] = line.fd_count;
		memcpy(bytes + size, line.bytes, line.size);
		size += line.size;
	}
	fclose(file);
	at = handshake;
	for (int number = 0; size - at >= RPC_HEADER_BYTES; number++) {
		size_t body = get_le32(bytes + at + 4), fd_count = 0;

		for (size_t i = 0; i < lines; i++)
			if (starts[i] == at)
				fd_count = fds[i];
		if (get_le32(bytes + at) == RPC_TRANSACT)
			write_call(directory, recording, number, bytes + at + RPC_HEADER_BYTES, body, fd_count,
				   release);
		at += RPC_HEADER_BYTES + body;
	}
}

static void write_default(const char *directory, size_t i, int release)
{
	static struct seed seed;
	struct aidl_arena arena = { 0 };
	struct parcel_writer writer;
	struct aidl_value value;
	char name[96];

	parcel_writer_init(&writer, 2);
	if (aidl_default(aidl_parcelables[i], &arena, &value) < 0)
		errx(1, "out of memory");
	aidl_write(&writer, aidl_parcelables[i], (enum aidl_release)release, &value);
	add_head(&seed, i, release, 2, 0, 0);
	seed_add(&seed, writer.data, writer.size);
	snprintf(name, sizeof(name), "default-%s-%s", aidl_parcelables[i]->name,
		 aidl_release_name((enum aidl_release)release));
	if (writer.status == RPC_OK)
		seed_write(&seed, directory, name);
	parcel_writer_free(&writer);
	aidl_arena_free(&arena);
}

int main(int argc, char *argv[])
{
	static const struct {
		const char *name;
		enum aidl_release release;
	} recordings[] = {
		{ "vm", AIDL_16 },           { "vm-layout15", AIDL_15Q }, { "vm-layout26", AIDL_26 },
		{ "vm-generated", AIDL_16 }, { "guest", AIDL_16 },
	};

	if (argc != 2)
		errx(2, "usage: seeds_rpc_parcel DIRECTORY");
	for (size_t i = 0; i < sizeof(recordings) / sizeof(recordings[0]); i++)
		write_calls(argv[1], recordings[i].name, (int)recordings[i].release);
	for (size_t i = 0; i < aidl_parcelable_count; i++)
		for (int release = 0; release < AIDL_RELEASES; release++)
			write_default(argv[1], i, release);
	return 0;
}
