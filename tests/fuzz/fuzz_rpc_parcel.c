// SPDX-License-Identifier: Apache-2.0
/*
 * Values of each AIDL type, and the arguments of each method.  The input: which of them (u8), release and how strictly (u8), how many
 * descriptors, how many objects (u8 each), the parcel, and the object table.  What is read strictly is written as long as it was,
 * and what is written is read and written again as the same bytes.
 */
#include <string.h>

#include "harness.h"
#include "rpc_parcel_input.h"
#include "rpcbinder/virtualization_aidl.h"

/* A type, or the arguments of a method. */
struct subject {
	const struct aidl_type *type;
	const struct aidl_method *method;
};

static struct subject choose(size_t number)
{
	number %= aidl_parcelable_count + rpc_parcel_input_methods();
	if (number < aidl_parcelable_count)
		return (struct subject){ aidl_parcelables[number], NULL };
	return (struct subject){ NULL, rpc_parcel_input_method(number - aidl_parcelable_count) };
}

static void read_subject(const struct subject *subject, struct parcel_reader *reader, enum aidl_release release,
			 bool strict, struct aidl_arena *arena, struct aidl_value values[AIDL_MAX_ARGUMENTS])
{
	if (subject->method)
		aidl_read_arguments(reader, subject->method, release, strict, arena, values);
	else
		aidl_read(reader, subject->type, release, strict, arena, values);
}

static void write_subject(const struct subject *subject, struct parcel_writer *writer, enum aidl_release release,
			  const struct aidl_value values[AIDL_MAX_ARGUMENTS])
{
	if (!subject->method)
		aidl_write(writer, subject->type, release, values);
	for (uint32_t i = 0; subject->method && i < aidl_argument_count(subject->method); i++)
		aidl_write(writer, subject->method->arguments[i].type, release, &values[i]);
}

static void read_written(const struct parcel_writer *writer, struct parcel_reader *ret, int *fds)
{
	uint8_t table[4 * RPC_MAX_OBJECTS];

	for (size_t i = 0; i < writer->object_count; i++)
		put_le32(table + 4 * i, writer->objects[i]);
	parcel_reader_init(ret, writer->data, writer->size, writer->version);
	CHECK(parcel_reader_set_objects(ret, table, writer->object_count));
	memcpy(fds, writer->fds, sizeof(writer->fds));
	ret->fds = fds;
	ret->fd_count = writer->fd_count;
}

/* VALUES were read; they took SIZE bytes. */
static void write_twice(const struct subject *subject, enum aidl_release release, uint32_t version, bool strict,
			size_t size, const struct aidl_value values[AIDL_MAX_ARGUMENTS], struct aidl_arena *arena)
{
	struct aidl_value again[AIDL_MAX_ARGUMENTS];
	struct parcel_writer first, second;
	struct parcel_reader reader;
	int fds[RPC_MAX_FDS];

	parcel_writer_init(&first, version);
	parcel_writer_init(&second, version);
	write_subject(subject, &first, release, values);
	/* What is missing at the end of a parcelable may be what must not be null. */
	CHECK(first.status == RPC_OK || !strict);
	if (first.status == RPC_OK) {
		CHECK(!strict || first.size == size);
		read_written(&first, &reader, fds);
		read_subject(subject, &reader, release, true, arena, again);
		CHECK(reader.status == RPC_OK || reader.status == RPC_NO_MEMORY);
		if (reader.status == RPC_OK) {
			write_subject(subject, &second, release, again);
			CHECK(second.status == RPC_OK && second.size == first.size);
			CHECK(first.size == 0 || memcmp(first.data, second.data, first.size) == 0);
		}
	}
	parcel_writer_free(&first);
	parcel_writer_free(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct aidl_value values[AIDL_MAX_ARGUMENTS] = { 0 };
	struct aidl_arena arena = { 0 };
	struct rpc_parcel_input input;
	struct parcel_reader reader;
	struct subject subject;
	int fds[RPC_MAX_FDS];

	if (!rpc_parcel_input_parse(data, size, &input))
		return 0;
	subject = choose(input.subject);
	parcel_reader_init(&reader, input.parcel, input.size, input.version);
	if (!parcel_reader_set_objects(&reader, input.table, input.object_count))
		return 0;
	for (size_t i = 0; i < input.fd_count; i++)
		fds[i] = harness_descriptor((unsigned int)i);
	reader.fds = fds;
	reader.fd_count = input.fd_count;
	read_subject(&subject, &reader, input.release, input.strict, &arena, values);
	if (reader.status == RPC_OK)
		write_twice(&subject, input.release, input.version, input.strict, reader.at, values, &arena);
	aidl_arena_free(&arena);
	return 0;
}
