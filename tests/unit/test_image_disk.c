/* SPDX-License-Identifier: Apache-2.0 */
/* Partition tables and composite disks.  sgdisk's and QEMU's view of them: tests/image/check. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/byte_order.h"
#include "image/composite.h"
#include "image/guid.h"
#include "image/image_size.h"
#include "image/partition_table.h"
#include "image/utf16.h"

Test(image_guid, the_first_three_fields_are_little_endian)
{
	static const uint8_t wanted[] = { 0xAF, 0x3D, 0xC6, 0x0F, 0x83, 0x84, 0x72, 0x47,
					  0x8E, 0x79, 0x3D, 0x69, 0xD8, 0x47, 0x7D, 0xE4 };
	struct guid guid;

	cr_assert_eq(guid_parse("0FC63DAF-8483-4772-8e79-3d69d8477de4", &guid), 0);
	cr_expect_arr_eq(guid.bytes, wanted, sizeof(wanted));
}

Test(image_guid, what_is_no_guid)
{
	static const char *const wrong[] = { "",
					     "0FC63DAF-8483-4772-8e79-3d69d8477de",
					     "0FC63DAF-8483-4772-8e79-3d69d8477de45",
					     "0FC63DAF08483-4772-8e79-3d69d8477de4",
					     "0FC63DAG-8483-4772-8e79-3d69d8477de4",
					     "{FC63DAF-8483-4772-8e79-3d69d8477de4" };
	struct guid guid = { { 1 } }, before = guid;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		cr_expect_eq(guid_parse(wrong[i], &guid), -EINVAL, "\"%s\"", wrong[i]);
	cr_expect_arr_eq(guid.bytes, before.bytes, GUID_BYTES);
}

Test(image_guid, random_ones_say_their_version_and_differ)
{
	struct guid a, b;

	cr_assert_eq(guid_random(&a), 0);
	cr_assert_eq(guid_random(&b), 0);
	cr_expect_eq(a.bytes[7] >> 4, 4);
	cr_expect_eq(a.bytes[8] >> 6, 2);
	cr_expect(memcmp(&a, &b, sizeof(a)) != 0);
}

static void expect_utf16(const char *text, size_t units, int wanted, const char *bytes)
{
	uint8_t found[80];

	memset(found, 0xee, sizeof(found));
	cr_expect_eq(utf16_from_utf8(text, found, units), wanted, "\"%s\"", text);
	for (int i = 0; i < 2 * wanted; i++)
		cr_expect_eq(found[i], (uint8_t)bytes[i], "\"%s\", byte %d", text, i);
	cr_expect_eq(found[wanted > 0 ? 2 * wanted : 0], 0xee, "\"%s\": nothing is written after it", text);
}

Test(image_utf16, units_and_pairs)
{
	expect_utf16("", 4, 0, "");
	expect_utf16("ab", 4, 2, "a\0b\0");
	expect_utf16("\xc3\xa4\xe2\x82\xac", 4, 2, "\xe4\x00\xac\x20");
	expect_utf16("\xf0\x9f\x98\x80", 2, 2, "\x3d\xd8\x00\xde");
	expect_utf16("abcde", 4, 4, "a\0b\0c\0d\0");
	expect_utf16("abc\xf0\x9f\x98\x80", 4, 3, "a\0b\0c\0"); /* half a pair is no character */
	expect_utf16("\xff", 4, -EILSEQ, "");
	expect_utf16("abcdefgh\xff", 4, -EILSEQ, "");
}

static struct partition_table *make_table(const struct table_partition *partitions, size_t count)
{
	struct partition_table *table = malloc(sizeof(*table));
	struct reason reason = { .text = "" };

	cr_assert_eq(partition_table_make(partitions, count, table, &reason), 0, "%s", reason.text);
	return table;
}

/* The numbers of the layout that crosvm makes. */
Test(image_partition_table, two_partitions_lie_where_crosvm_has_them)
{
	const struct table_partition partitions[] = { { .label = "one", .size = 4096 },
						      { .label = "two", .size = 5000 } };
	struct partition_table *table = make_table(partitions, 2);
	const uint8_t *header = table->primary + 512, *entries = table->primary + 1024;
	const uint8_t *last = table->secondary + PARTITION_TABLE_BYTES - 512;

	cr_expect_eq(table->offsets[0], 20480);
	cr_expect_eq(table->offsets[1], 24576);
	cr_expect_eq(table->secondary_offset, 32768);
	cr_expect_eq(table->size, 32768 + 20480);
	cr_expect_eq(get_le32(table->primary + 446 + 8), 1);
	cr_expect_eq(get_le32(table->primary + 446 + 12), table->size / 512 - 1);
	cr_expect_eq(table->primary[450], 0xEE);
	cr_expect_eq(table->primary[510] | table->primary[511] << 8, 0xAA55);
	cr_expect_arr_eq(header, "EFI PART\0\0\1\0\x5c\0\0\0", 16);
	cr_expect_eq(get_le64(header + 24), 1);
	cr_expect_eq(get_le64(header + 32), table->size / 512 - 1);
	cr_expect_eq(get_le64(header + 40), 40);
	cr_expect_eq(get_le64(header + 48), (32768 + 3584) / 512 - 1);
	cr_expect_eq(get_le64(header + 72), 2);
	cr_expect_eq(get_le64(last + 24), table->size / 512 - 1);
	cr_expect_eq(get_le64(last + 32), 1);
	cr_expect_eq(get_le64(last + 72), (32768 + 3584) / 512, "the secondary header names its own entries");
	cr_expect_eq(get_le64(entries + 32), 40);
	cr_expect_eq(get_le64(entries + 40), 47);
	cr_expect_eq(get_le64(entries + 128 + 32), 48);
	cr_expect_eq(get_le64(entries + 128 + 40), 63);
	cr_expect_arr_eq(entries + 56, "o\0n\0e\0\0\0", 8);
	cr_expect_arr_eq(entries, table->secondary + 3584, 16384);
	free(table);
}

Test(image_partition_table, a_given_guid_is_kept)
{
	struct table_partition partition = { .label = "x", .size = 1 };
	struct partition_table *table;

	cr_assert_eq(guid_parse("12345678-1234-1234-1234-123456789abc", &partition.guid), 0);
	table = make_table(&partition, 1);
	cr_expect_arr_eq(table->primary + 1024 + 16, partition.guid.bytes, GUID_BYTES);
	free(table);
}

Test(image_partition_table, a_table_has_room_for_128)
{
	struct table_partition partitions[PARTITION_MAX + 1];
	char labels[PARTITION_MAX + 1][8];
	struct reason reason = { .text = "" };
	struct partition_table *table;

	for (int i = 0; i <= PARTITION_MAX; i++) {
		snprintf(labels[i], sizeof(labels[i]), "p%d", i);
		partitions[i] = (struct table_partition){ .label = labels[i], .size = 512 };
	}
	table = make_table(partitions, PARTITION_MAX);
	cr_expect_eq(table->offsets[127], 20480 + 127 * 4096);
	cr_expect_eq(partition_table_make(partitions, PARTITION_MAX + 1, table, &reason), -EINVAL);
	cr_expect_str_eq(reason.text, "129 partitions: a disk has 1 to 128");
	free(table);
}

static void expect_no_table(const struct table_partition *partitions, size_t count, int error, const char *text)
{
	struct partition_table *table = malloc(sizeof(*table));
	struct reason reason = { .text = "" };

	cr_expect_eq(partition_table_make(partitions, count, table, &reason), error);
	cr_expect_str_eq(reason.text, text);
	free(table);
}

Test(image_partition_table, what_is_refused)
{
	static const char forty[] = "0123456789012345678901234567890123456789";
	static const char same_start[] = "012345678901234567890123456789012345xx";
	const struct table_partition twice[] = { { .label = "a", .size = 1 }, { .label = "a", .size = 1 } };
	const struct table_partition cut[] = { { .label = forty, .size = 1 }, { .label = same_start, .size = 1 } };
	const struct table_partition empty = { .label = "e", .size = 0 },
				     huge = { .label = "h", .size = UINT64_C(1) << 41 };
	const struct table_partition largest = { .label = "l", .size = UINT64_MAX },
				     no_text = { .label = "\xc3(", .size = 1 };

	expect_no_table(twice, 0, -EINVAL, "0 partitions: a disk has 1 to 128");
	expect_no_table(twice, 2, -EEXIST, "duplicate GPT partition label \"a\": partitions 0 and 1");
	expect_no_table(cut, 2, -EEXIST,
			"duplicate GPT partition label \"012345678901234567890123456789012345xx\": partitions 0 and 1");
	expect_no_table(&empty, 1, -EINVAL, "partition 0, e, is empty");
	expect_no_table(&huge, 1, -EFBIG, "the partitions need more than the 2 TiB that a disk can have");
	expect_no_table(&largest, 1, -EFBIG, "the partitions need more than the 2 TiB that a disk can have");
	expect_no_table(&no_text, 1, -EINVAL, "the label of partition 0 is no UTF-8");
}

/* Byte for byte as crosvm writes it. */
Test(image_composite, the_bytes_of_a_small_disk)
{
	const struct composite_component components[] = { { "", 0, false }, { "w", 4096, true } };
	struct reason reason = { .text = "" };
	uint8_t *bytes;
	size_t size;

	cr_assert_eq(composite_make(components, 2, 8192, &bytes, &size, &reason), 0, "%s", reason.text);
	cr_expect_arr_eq(bytes,
			 "composite_disk\x1d\x08\x02\x12\x02\x0a\x00\x12\x08\x0a\x01w\x10\x80\x20\x18\x01\x18\x80\x40",
			 size);
	cr_expect_eq(size, 34);
	free(bytes);
}

Test(image_composite, what_is_written_is_read)
{
	const struct composite_component components[] = { { "/proc/self/fd/3", 0, false },
							  { "/proc/self/fd/4", 20480, true },
							  { "/proc/self/fd/5", UINT64_C(1) << 40, false } };
	struct composite_disk disk;
	struct reason reason = { .text = "" };
	uint8_t *bytes;
	size_t size;

	cr_assert_eq(composite_make(components, 3, (UINT64_C(1) << 40) + 1, &bytes, &size, &reason), 0, "%s",
		     reason.text);
	cr_assert_eq(composite_read(bytes, size, &disk, &reason), 0, "%s", reason.text);
	cr_assert_eq(disk.count, 3);
	for (size_t i = 0; i < 3; i++) {
		cr_expect_str_eq(disk.parts[i].path, components[i].path);
		cr_expect_eq(disk.parts[i].offset, components[i].offset);
		cr_expect_eq(disk.parts[i].writable, components[i].writable);
	}
	cr_expect_eq(disk.parts[1].length, (UINT64_C(1) << 40) - 20480);
	cr_expect_eq(disk.parts[2].length, 1);
	for (size_t cut = 0; cut < size; cut++) {
		struct composite_disk none = { 0 };

		cr_expect_lt(composite_read(bytes, cut, &none, &reason), 0, "the first %zu bytes", cut);
	}
	composite_free(&disk);
	free(bytes);
}

Test(image_composite, order_matters)
{
	const struct composite_component late[] = { { "a", 1, false } },
					 back[] = { { "a", 0, false }, { "b", 0, false } };
	struct reason reason = { .text = "" };
	uint8_t *bytes;
	size_t size;

	cr_expect_eq(composite_make(late, 1, 10, &bytes, &size, &reason), -EINVAL);
	cr_expect_eq(composite_make(back, 2, 10, &bytes, &size, &reason), -EINVAL);
	cr_expect_str_eq(reason.text, "component 0, a, begins at 0 and ends at 0");
	cr_expect_eq(composite_make(late, 0, 10, &bytes, &size, &reason), -EINVAL);
}

static int make_file(const void *bytes, size_t size, off_t length)
{
	int fd = memfd_create("image", MFD_CLOEXEC);

	cr_assert_eq(pwrite(fd, bytes, size, 0), (ssize_t)size);
	cr_assert_eq(ftruncate(fd, length), 0);
	return fd;
}

static void expect_size(const void *bytes, size_t bytes_size, off_t length, int wanted, uint64_t wanted_size)
{
	struct reason reason = { .text = "" };
	int fd = make_file(bytes, bytes_size, length);
	uint64_t size = 77;

	cr_expect_eq(image_size(fd, &size, &reason), wanted, "%s", reason.text);
	cr_expect_eq(size, wanted < 0 ? 77 : wanted_size);
	close(fd);
}

Test(image_size, raw_sparse_and_others)
{
	uint8_t sparse[28] = { 0x3a, 0xff, 0x26, 0xed };

	put_le32(sparse + 12, 4096);
	put_le32(sparse + 16, 3000000);
	expect_size("", 0, 0, 0, 0);
	expect_size("abc", 3, 5000, 0, 5000);
	expect_size(sparse, sizeof(sparse), 100, 0, UINT64_C(4096) * 3000000);
	expect_size(sparse, sizeof(sparse) - 1, 27, 0, 27);
	expect_size("QFI\xfb", 4, 4096, -EOPNOTSUPP, 0);
	expect_size("composite_disk\x1d", 15, 4096, -EOPNOTSUPP, 0);
}
