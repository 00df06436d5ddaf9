/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of AIDL, and what walks them. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aidl_table.h"
#include "rpc_transcript.h"
#include "rpcbinder/virtualization_aidl.h"

/* Each release numbers its methods from 1 without a gap, in the order of the list. */
Test(aidl, codes)
{
	for (size_t i = 0; i < aidl_interface_count; i++)
		for (int release = 0; release < AIDL_RELEASES; release++) {
			uint32_t next = 1;

			for (uint32_t k = 0; k < aidl_interfaces[i]->method_count; k++) {
				uint32_t code = aidl_interfaces[i]->methods[k].code[release];

				cr_expect(code == 0 || code == next, "%s.%s in %s is %u", aidl_interfaces[i]->name,
					  aidl_interfaces[i]->methods[k].name,
					  aidl_release_name((enum aidl_release)release), code);
				next += code != 0;
			}
			cr_expect_null(aidl_find_method(aidl_interfaces[i], (enum aidl_release)release, next));
			cr_expect_null(aidl_find_method(aidl_interfaces[i], (enum aidl_release)release, 0));
		}
}

Test(aidl, releases_have_names)
{
	enum aidl_release release;

	for (int i = 0; i < AIDL_RELEASES; i++) {
		cr_expect_eq(aidl_release_find(aidl_release_name((enum aidl_release)i), &release), 0);
		cr_expect_eq((int)release, i);
	}
	cr_expect_lt(aidl_release_find("14", &release), 0);
}

Test(aidl, docs_are_as_the_tables)
{
	char *text = NULL, *written = NULL;
	size_t size = 0, room = 0;
	FILE *memory = open_memstream(&text, &size), *file = fopen("docs/virtualization_aidl.md", "re");

	cr_assert(file && memory);
	aidl_table_write(memory);
	fclose(memory);
	cr_assert_gt(getdelim(&written, &room, '\0', file), 0);
	cr_expect_str_eq(written, text, "run make aidl-docs");
	fclose(file);
	free(text);
	free(written);
}

/* The recorded calls of createVm: which releases' layouts take the bytes. */
static unsigned int fits(const struct transcript_message *message)
{
	const uint8_t *body = message->bytes + RPC_HEADER_BYTES;
	size_t size = get_le32(body + 24), objects = (message->size - RPC_HEADER_BYTES - RPC_TRANSACT_BYTES - size) / 4;
	unsigned int found = 0;

	for (int release = 0; release < AIDL_RELEASES; release++) {
		struct aidl_value arguments[AIDL_MAX_ARGUMENTS];
		struct aidl_arena arena = { 0 };
		struct parcel_reader reader;
		int fds[RPC_MAX_FDS];

		parcel_reader_init(&reader, body + RPC_TRANSACT_BYTES, size, 2);
		cr_assert(parcel_reader_set_objects(&reader, body + RPC_TRANSACT_BYTES + size, objects));
		for (size_t i = 0; i < RPC_MAX_FDS; i++)
			fds[i] = 1000 + (int)i;
		reader.fds = fds;
		reader.fd_count = message->fd_count;
		cr_assert(parcel_read_is_string(&reader, aidl_IVirtualizationService.descriptor));
		aidl_read_arguments(&reader, &aidl_IVirtualizationService.methods[IVirtualizationService_createVm],
				    (enum aidl_release)release, true, &arena, arguments);
		if (reader.status == RPC_OK)
			found |= 1u << release;
		aidl_arena_free(&arena);
	}
	return found;
}

Test(aidl, each_createVm_fits_one_release)
{
	static const struct {
		const char *name;
		enum aidl_release release;
		size_t calls;
	} recordings[] = {
		{ "vm", AIDL_16, 1 },
		{ "vm-layout15", AIDL_15Q, 1 },
		{ "vm-layout26", AIDL_26, 1 },
		{ "vm-generated", AIDL_16, 3 },
	};

	for (size_t i = 0; i < sizeof(recordings) / sizeof(recordings[0]); i++) {
		struct transcript *transcript = transcript_read(recordings[i].name);
		size_t calls = 0;

		for (size_t k = 0; k < transcript->count; k++) {
			const struct transcript_message *message = &transcript->messages[k];

			if (!message->to_server || message->part != PART_MESSAGE || message->size < 400 ||
			    get_le32(message->bytes + 16 + 8) != 1)
				continue;
			cr_expect_eq(fits(message), 1u << recordings[i].release, "%s, call %zu: releases %x",
				     recordings[i].name, calls, fits(message));
			calls++;
		}
		cr_expect_eq(calls, recordings[i].calls, "%s", recordings[i].name);
		transcript_free(transcript);
	}
}

static void copy_of(const struct parcel_writer *writer, struct parcel_reader *ret)
{
	parcel_reader_init(ret, writer->data, writer->size, 2);
}

/* A later release appends a field: an earlier reader skips it, and the other way around it is null. */
Test(aidl, fields_at_the_end)
{
	struct aidl_arena arena = { 0 };
	struct aidl_value disk, read;
	struct parcel_writer writer;
	struct parcel_reader reader;

	cr_assert_eq(aidl_default(&aidl_type_DiskImage, &arena, &disk), 0);
	disk.items[DiskImage_writable] = aidl_number(1);
	disk.items[DiskImage_id] = aidl_text("an id");
	for (int strict = 0; strict < 2; strict++) {
		parcel_writer_init(&writer, 2);
		aidl_write(&writer, &aidl_type_DiskImage, AIDL_26, &disk);
		copy_of(&writer, &reader);
		aidl_read(&reader, &aidl_type_DiskImage, AIDL_16, strict, &arena, &read);
		cr_expect_eq(reader.status, strict ? RPC_BAD_VALUE : RPC_OK);
		cr_expect(strict || (read.items[DiskImage_writable].number == 1 && parcel_read_end(&reader)));
		parcel_writer_free(&writer);
		aidl_write(&writer, &aidl_type_DiskImage, AIDL_16, &disk);
		copy_of(&writer, &reader);
		aidl_read(&reader, &aidl_type_DiskImage, AIDL_26, strict, &arena, &read);
		cr_expect_eq(reader.status, strict ? RPC_NOT_ENOUGH_DATA : RPC_OK);
		cr_expect(strict || !read.items[DiskImage_id].present);
		parcel_writer_free(&writer);
	}
	aidl_arena_free(&arena);
}

/* A default of each parcelable, in each release, is written and read again; but for those with descriptors that may not be null. */
Test(aidl, defaults_of_all_parcelables)
{
	size_t written = 0;

	for (size_t i = 0; i < aidl_parcelable_count; i++)
		for (int release = 0; release < AIDL_RELEASES; release++) {
			struct aidl_arena arena = { 0 };
			struct aidl_value value, read;
			struct parcel_writer writer;
			struct parcel_reader reader;

			cr_assert_eq(aidl_default(aidl_parcelables[i], &arena, &value), 0);
			parcel_writer_init(&writer, 2);
			aidl_write(&writer, aidl_parcelables[i], (enum aidl_release)release, &value);
			cr_expect(writer.status == RPC_OK || writer.status == RPC_UNEXPECTED_NULL, "%s",
				  aidl_parcelables[i]->name);
			if (writer.status == RPC_OK) {
				copy_of(&writer, &reader);
				aidl_read(&reader, aidl_parcelables[i], (enum aidl_release)release, true, &arena,
					  &read);
				cr_expect(parcel_read_end(&reader), "%s: %d", aidl_parcelables[i]->name, reader.status);
				written++;
			}
			parcel_writer_free(&writer);
			aidl_arena_free(&arena);
		}
	cr_expect_gt(written, aidl_parcelable_count);
}

/* What a peer claims is checked against what it sent before anything is allocated for it. */
Test(aidl, memory_is_bounded)
{
	struct aidl_arena arena = { 0 };
	struct parcel_writer writer;
	struct parcel_reader reader;
	struct aidl_value value;
	static const struct aidl_type nullable_text = { .kind = AIDL_STRING, .nullable = true, .name = "String" };
	static const struct aidl_type texts = { .kind = AIDL_ARRAY, .name = "String[]", .element = &nullable_text };

	parcel_writer_init(&writer, 2);
	parcel_write_i32(&writer, INT32_MAX);
	parcel_write_i32(&writer, -1);
	copy_of(&writer, &reader);
	aidl_read(&reader, &texts, AIDL_16, true, &arena, &value);
	cr_expect_eq(reader.status, RPC_NOT_ENOUGH_DATA);
	cr_expect_eq(arena.used, 0);
	parcel_writer_free(&writer);
	parcel_write_i32(&writer, 20000);
	for (int i = 0; i < 20000; i++)
		parcel_write_i32(&writer, -1);
	copy_of(&writer, &reader);
	aidl_read(&reader, &texts, AIDL_16, true, &arena, &value);
	cr_expect(parcel_read_end(&reader));
	cr_expect_leq(arena.used, AIDL_MAX_MEMORY);
	aidl_read(&reader, &texts, AIDL_16, true, &arena, &value);
	cr_expect_null(aidl_alloc(&arena, AIDL_MAX_MEMORY));
	parcel_writer_free(&writer);
	aidl_arena_free(&arena);
}
