// SPDX-License-Identifier: Apache-2.0
/*
 * Image files of a client: APKs, idsig files, composite disks.  What a reader accepts must hold together, and a composite disk that is
 * written again must be read alike.
 */
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "image/apk_digest.h"
#include "image/composite.h"
#include "image/idsig.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_apk(const uint8_t *data, size_t size)
{
	struct apk_digest digest;
	struct reason reason;

	if (apk_digest_parse(data, size, &digest, &reason) == 0)
		CHECK(digest.size == 32 || digest.size == 64);
}

static void try_idsig(const uint8_t *data, size_t size)
{
	struct idsig_info info;

	if (idsig_parse(data, size, &info) < 0)
		return;
	CHECK(info.header_size <= size);
	CHECK(info.apk_digest >= data && info.apk_digest + info.apk_digest_size <= data + size);
	CHECK(info.root_hash >= data && info.root_hash + info.root_hash_size <= data + size);
}

static void write_again(const struct composite_disk *disk)
{
	struct composite_component *components = calloc(disk->count, sizeof(*components));
	struct composite_disk again;
	struct reason reason;
	uint8_t *bytes;
	size_t size;

	CHECK(components);
	for (size_t i = 0; i < disk->count; i++)
		components[i] = (struct composite_component){ disk->parts[i].path, disk->parts[i].offset,
							      disk->parts[i].writable };
	CHECK(composite_make(components, disk->count, disk->length, &bytes, &size, &reason) == 0);
	CHECK(composite_read(bytes, size, &again, &reason) == 0);
	CHECK(again.count == disk->count && again.length == disk->length);
	for (size_t i = 0; i < disk->count; i++)
		CHECK(!strcmp(again.parts[i].path, disk->parts[i].path) &&
		      again.parts[i].length == disk->parts[i].length);
	composite_free(&again);
	free(bytes);
	free(components);
}

static void try_composite(const uint8_t *data, size_t size)
{
	struct composite_disk disk;
	struct reason reason;

	if (composite_read(data, size, &disk, &reason) < 0)
		return;
	write_again(&disk);
	composite_free(&disk);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	try_apk(data, size);
	try_idsig(data, size);
	try_composite(data, size);
	return 0;
}
