/* SPDX-License-Identifier: Apache-2.0 */
/* vmbase's reader of partition tables, on tables that the manager's writer makes (sgdisk is that one's oracle: check-image). */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "image/partition_table.h"
#include "vmbase/gpt.h"

static uint8_t *bytes;
static uint64_t sectors;
static int read_error;

static int read_bytes(void *disk, uint64_t sector, void *buffer, uint32_t count)
{
	cr_assert_eq(disk, bytes);
	cr_assert(sector < sectors && count <= sectors - sector, "%lu of %lu", (unsigned long)sector,
		  (unsigned long)sectors);
	memcpy(buffer, bytes + sector * GPT_SECTOR, (size_t)count * GPT_SECTOR);
	return read_error;
}

static void make_disk(void)
{
	static const struct table_partition partitions[] = {
		{ .label = "system", .size = 8192 },
		{ .label = "d\xc3\xbcnn \xe2\x82\xac \xf0\x9f\x98\x80", .size = 5000 },
		{ .label = "a label of more than thirty-six units!", .size = 4096 },
	};
	static struct partition_table table;
	struct reason reason;

	cr_assert_eq(partition_table_make(partitions, 3, &table, &reason), 0, "%s", reason.text);
	bytes = calloc(1, table.size);
	sectors = table.size / GPT_SECTOR;
	memcpy(bytes, table.primary, sizeof(table.primary));
	memcpy(bytes + table.secondary_offset, table.secondary, sizeof(table.secondary));
}

static void free_disk(void)
{
	free(bytes);
}

#define CASE(name) Test(vmbase_gpt, name, .init = make_disk, .fini = free_disk)

static void expect_partitions(void)
{
	struct gpt_partition partition;
	struct gpt gpt;

	cr_assert_eq(gpt_open(&gpt, read_bytes, bytes, sectors), 0);
	cr_expect_eq(gpt.count, 128);
	cr_assert_eq(gpt_find(&gpt, "system", &partition), 0);
	cr_expect_eq(partition.first, 40);
	cr_expect_eq(partition.sectors, 16);
	cr_assert_eq(gpt_find(&gpt, "d\xc3\xbcnn \xe2\x82\xac \xf0\x9f\x98\x80", &partition), 0);
	cr_expect_eq(partition.first, 56);
	cr_expect_eq(partition.sectors, 16);
	cr_assert_eq(gpt_partition(&gpt, 2, &partition), 0);
	cr_expect_str_eq(partition.label, "a label of more than thirty-six unit");
	cr_expect_eq(gpt_find(&gpt, "sys", &partition), -ENOENT);
	cr_expect_eq(gpt_partition(&gpt, 3, &partition), -ENOENT, "not used");
	cr_expect_eq(gpt_partition(&gpt, 128, &partition), -ENOENT, "there is none");
}

CASE(partitions_are_found_by_their_labels)
{
	expect_partitions();
}

CASE(the_table_at_the_end_is_used_where_the_first_is_lost)
{
	bytes[512 + 60] ^= 1; /* the disk's GUID */
	expect_partitions();
	bytes[512 + 60] ^= 1;
	bytes[1024 + 128 * 90] ^= 1; /* an entry */
	expect_partitions();
	memset(bytes, 0, 20480);
	expect_partitions();
	bytes[sectors * 512 - 512] ^= 1;
	cr_expect_eq(gpt_open(&(struct gpt){}, read_bytes, bytes, sectors), -ENOENT);
	cr_expect_eq(gpt_open(&(struct gpt){}, read_bytes, bytes, 2), -ENOENT);
}

static uint32_t crc_of(const uint8_t *at, size_t size)
{
	uint32_t crc = ~0u;

	for (size_t i = 0; i < size; i++) {
		crc ^= at[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

/* Checksums that are right do not make the content so: each field of the header, each value. */
CASE(a_table_that_lies_is_refused_or_read_within_the_disk)
{
	uint8_t *header = bytes + 512;
	uint8_t good[92];
	struct gpt_partition partition;
	struct gpt gpt;

	memset(bytes + sectors * 512 - 512, 0, 512);
	memcpy(good, header, sizeof(good));
	for (size_t field = 8; field < 92; field++)
		for (int value = 0; value < 256; value += 17) {
			memcpy(header, good, sizeof(good));
			header[field] = (uint8_t)value;
			memset(header + 16, 0, 4);
			*(uint32_t *)(void *)(header + 16) = crc_of(header, 92);
			if (gpt_open(&gpt, read_bytes, bytes, sectors) == 0)
				gpt_find(&gpt, "nothing", &partition);
		}
	memcpy(header, good, sizeof(good));
	header[84] = 0; /* the size of an entry: 128 */
	memset(header + 16, 0, 4);
	*(uint32_t *)(void *)(header + 16) = crc_of(header, 92);
	cr_expect_eq(gpt_open(&gpt, read_bytes, bytes, sectors), -ENOENT);
}

CASE(an_entry_outside_of_the_disk_is_refused)
{
	struct gpt_partition partition;
	struct gpt gpt;

	bytes[1024 + 40 + 4] = 1; /* its last sector, 2^32 further */
	*(uint32_t *)(void *)(bytes + 512 + 88) = crc_of(bytes + 1024, 16384);
	memset(bytes + 512 + 16, 0, 4);
	*(uint32_t *)(void *)(bytes + 512 + 16) = crc_of(bytes + 512, 92);
	cr_assert_eq(gpt_open(&gpt, read_bytes, bytes, sectors), 0);
	cr_expect_eq(gpt_partition(&gpt, 0, &partition), -EBADMSG);
	cr_expect_eq(gpt_find(&gpt, "system", &partition), -EBADMSG);
}

CASE(an_error_of_the_disk_is_passed_on)
{
	read_error = -EIO;
	cr_expect_eq(gpt_open(&(struct gpt){}, read_bytes, bytes, sectors), -EIO);
}
