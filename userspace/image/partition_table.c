/* SPDX-License-Identifier: Apache-2.0 */
#include "image/partition_table.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <zlib.h>

#include "common/byte_order.h"
#include "image/utf16.h"

enum {
	HEADER_BYTES = 92,
	ENTRY_BYTES = 128,
	ENTRIES_BYTES = PARTITION_MAX * ENTRY_BYTES,
	PRIMARY_HEADER = DISK_SECTOR,
	PRIMARY_ENTRIES = 2 * DISK_SECTOR,
	SECONDARY_PADDING = 3584, /* so that what follows the partitions has a size of whole units */
	SECONDARY_ENTRIES = SECONDARY_PADDING,
	SECONDARY_HEADER = SECONDARY_PADDING + ENTRIES_BYTES,
	REVISION = 0x00010000,
};

_Static_assert(SECONDARY_HEADER + DISK_SECTOR == PARTITION_TABLE_BYTES, "the secondary header is in the last sector");
_Static_assert(PRIMARY_ENTRIES + ENTRIES_BYTES <= PARTITION_TABLE_BYTES, "the entries lie before the partitions");

/* The type of every partition, as upstream has it: Linux filesystem data, 0FC63DAF-8483-4772-8E79-3D69D8477DE4. */
static const struct guid linux_filesystem = { { 0xAF, 0x3D, 0xC6, 0x0F, 0x83, 0x84, 0x72, 0x47, 0x8E, 0x79, 0x3D, 0x69,
						0xD8, 0x47, 0x7D, 0xE4 } };

uint64_t partition_size_on_disk(uint64_t size)
{
	return (size + PARTITION_UNIT - 1) / PARTITION_UNIT * PARTITION_UNIT;
}

/* --- the protective MBR ------------------------------------------------------------------------------------------- */

/* One partition over the whole disk, of a type that old tools leave alone. */
static void put_protective_mbr(uint8_t *sector, uint64_t disk_size)
{
	uint8_t *entry = sector + 446;

	entry[4] = 0xEE;
	put_le32(entry + 8, 1);
	/*
	 * Upstream writes the number of all sectors; the specification wants that minus the sector of the MBR itself, and
	 * sgdisk warns of anything else.
	 */
	put_le32(entry + 12, (uint32_t)(disk_size / DISK_SECTOR - 1));
	sector[510] = 0x55;
	sector[511] = 0xAA;
}

/* --- entries -------------------------------------------------------------------------------------------------------- */

static int check_label_is_new(const uint8_t *entries, const char *label, size_t index, struct reason *reason)
{
	const uint8_t *own = entries + index * ENTRY_BYTES;

	for (size_t i = 0; i < index; i++)
		if (!memcmp(entries + i * ENTRY_BYTES + 56, own + 56, ENTRY_BYTES - 56))
			return refuse(reason, -EEXIST, "duplicate GPT partition label \"%s\": partitions %zu and %zu",
				      label, i, index);
	return 0;
}

static int put_entry(uint8_t *entries, size_t index, const struct table_partition *partition, uint64_t offset,
		     struct reason *reason)
{
	uint8_t *entry = entries + index * ENTRY_BYTES;
	struct guid guid = partition->guid;
	int r = guid_is_zero(&guid) ? guid_random(&guid) : 0;

	if (r < 0)
		return refuse(reason, r, "no random GUID: %s", strerror(-r));
	memcpy(entry, &linux_filesystem, GUID_BYTES);
	memcpy(entry + 16, &guid, GUID_BYTES);
	put_le64(entry + 32, offset / DISK_SECTOR);
	put_le64(entry + 40, (offset + partition_size_on_disk(partition->size)) / DISK_SECTOR - 1);
	if (utf16_from_utf8(partition->label, entry + 56, PARTITION_LABEL_UNITS) < 0)
		return refuse(reason, -EINVAL, "the label of partition %zu is no UTF-8", index);
	return check_label_is_new(entries, partition->label, index, reason);
}

static int put_entries(struct partition_table *table, const struct table_partition *partitions, size_t count,
		       struct reason *reason)
{
	uint8_t *entries = table->primary + PRIMARY_ENTRIES;

	for (size_t i = 0; i < count; i++) {
		int r = put_entry(entries, i, &partitions[i], table->offsets[i], reason);

		if (r < 0)
			return r;
	}
	memcpy(table->secondary + SECONDARY_ENTRIES, entries, ENTRIES_BYTES);
	return 0;
}

/* --- headers -------------------------------------------------------------------------------------------------------- */

struct header {
	uint64_t own_block, other_block, entries_block;
};

static void put_header(uint8_t *at, const struct header *header, const struct partition_table *table,
		       const struct guid *disk_guid)
{
	uint32_t entries_crc = (uint32_t)crc32(0, table->primary + PRIMARY_ENTRIES, ENTRIES_BYTES);

	memcpy(at, "EFI PART", 8);
	put_le32(at + 8, REVISION);
	put_le32(at + 12, HEADER_BYTES);
	put_le64(at + 24, header->own_block);
	put_le64(at + 32, header->other_block);
	put_le64(at + 40, PARTITION_TABLE_BYTES / DISK_SECTOR);
	put_le64(at + 48, (table->secondary_offset + SECONDARY_PADDING) / DISK_SECTOR - 1);
	memcpy(at + 56, disk_guid, GUID_BYTES);
	put_le64(at + 72, header->entries_block);
	put_le32(at + 80, PARTITION_MAX);
	put_le32(at + 84, ENTRY_BYTES);
	put_le32(at + 88, entries_crc);
	put_le32(at + 16, (uint32_t)crc32(0, at, HEADER_BYTES));
}

static int put_headers(struct partition_table *table, struct reason *reason)
{
	uint64_t last = table->size / DISK_SECTOR - 1;
	uint64_t secondary_entries = (table->secondary_offset + SECONDARY_ENTRIES) / DISK_SECTOR;
	struct header primary = { 1, last, PRIMARY_ENTRIES / DISK_SECTOR }, secondary = { last, 1, secondary_entries };
	struct guid disk_guid;
	int r = guid_random(&disk_guid);

	if (r < 0)
		return refuse(reason, r, "no random GUID: %s", strerror(-r));
	put_header(table->primary + PRIMARY_HEADER, &primary, table, &disk_guid);
	put_header(table->secondary + SECONDARY_HEADER, &secondary, table, &disk_guid);
	return 0;
}

/* --- the whole ------------------------------------------------------------------------------------------------------ */

/* The MBR counts sectors in 32 bits. */
static const uint64_t disk_max = (uint64_t)UINT32_MAX * DISK_SECTOR;

static int lay_out(const struct table_partition *partitions, size_t count, struct partition_table *table,
		   struct reason *reason)
{
	uint64_t offset = PARTITION_TABLE_BYTES;

	for (size_t i = 0; i < count; i++) {
		if (!partitions[i].size)
			return refuse(reason, -EINVAL, "partition %zu, %s, is empty", i, partitions[i].label);
		if (partitions[i].size > disk_max || offset > disk_max - partition_size_on_disk(partitions[i].size))
			return refuse(reason, -EFBIG, "the partitions need more than the 2 TiB that a disk can have");
		table->offsets[i] = offset;
		offset += partition_size_on_disk(partitions[i].size);
	}
	table->secondary_offset = offset;
	table->size = offset + PARTITION_TABLE_BYTES;
	return table->size > disk_max ?
		       refuse(reason, -EFBIG, "the partitions need more than the 2 TiB that a disk can have") :
		       0;
}

int partition_table_make(const struct table_partition *partitions, size_t count, struct partition_table *ret,
			 struct reason *reason)
{
	int r;

	if (!count || count > PARTITION_MAX)
		return refuse(reason, -EINVAL, "%zu partitions: a disk has 1 to %d", count, PARTITION_MAX);
	memset(ret, 0, sizeof(*ret));
	r = lay_out(partitions, count, ret, reason);
	if (r == 0)
		r = put_entries(ret, partitions, count, reason);
	if (r == 0)
		r = put_headers(ret, reason);
	if (r == 0)
		put_protective_mbr(ret->primary, ret->size);
	return r;
}
