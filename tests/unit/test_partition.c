/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "common/partition.h"

static struct partitions built_in(void)
{
	struct partitions partitions;

	partitions_init(&partitions);
	return partitions;
}

Test(partition, built_in)
{
	static const struct partition expected[] = {
		{ "system", { 100, 200 } }, { "system_ext", { 200, 300 } }, { "product", { 200, 300 } },
		{ "vendor", { 300, 400 } }, { "odm", { 300, 400 } },
	};
	struct partitions partitions = built_in();

	cr_assert_eq(partitions.count, 5);
	for (size_t i = 0; i < 5; i++) {
		cr_expect_str_eq(partitions.list[i].name, expected[i].name);
		cr_expect_eq(partitions.list[i].cids.first, expected[i].cids.first);
		cr_expect_eq(partitions.list[i].cids.end, expected[i].cids.end);
	}
}

Test(partition, range_is_half_open)
{
	struct cid_range range = { 100, 200 };

	cr_expect_not(cid_in_range(99, range));
	cr_expect(cid_in_range(100, range));
	cr_expect(cid_in_range(199, range));
	cr_expect_not(cid_in_range(200, range));
}

Test(partition, add)
{
	struct partitions partitions = built_in();

	cr_assert_eq(partitions_add(&partitions, "usr", (struct cid_range){ 400, 500 }), 0);
	cr_assert_eq(partitions.count, 6);
	cr_expect_str_eq(partitions.list[5].name, "usr");
	cr_expect_eq(partitions.list[5].cids.first, 400);
	cr_expect_eq(partitions.list[5].cids.end, 500);
	cr_expect_eq(partitions_add(&partitions, "usr", (struct cid_range){ 500, 600 }), -EEXIST);
	cr_expect_eq(partitions_add(&partitions, "system", (struct cid_range){ 500, 600 }), -EEXIST);
	cr_expect_eq(partitions.count, 6);
}

Test(partition, add_refuses_names)
{
	static const char *const bad[] = {
		"", ".", "..", "usr/local", "/usr", "a\nb", "12345678901234567890123456789012"
	};
	struct partitions partitions = built_in();

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_expect_eq(partitions_add(&partitions, bad[i], (struct cid_range){ 400, 500 }), -EINVAL, "%s",
			     bad[i]);
	cr_expect_eq(partitions_add(&partitions, "1234567890123456789012345678901", (struct cid_range){ 400, 500 }), 0);
	cr_expect_eq(partitions.count, 6);
}

Test(partition, add_refuses_ranges)
{
	struct partitions partitions = built_in();

	cr_expect_eq(partitions_add(&partitions, "usr", (struct cid_range){ 500, 500 }), -EINVAL);
	cr_expect_eq(partitions_add(&partitions, "usr", (struct cid_range){ 501, 500 }), -EINVAL);
	cr_expect_eq(partitions_add(&partitions, "usr", (struct cid_range){ 2, 500 }), -EINVAL);
	cr_expect_eq(partitions_add(&partitions, "usr", (struct cid_range){ 3, UINT32_MAX }), 0);
}

Test(partition, add_has_a_limit)
{
	struct partitions partitions = built_in();
	char name[] = "pX";

	while (partitions.count < PARTITIONS_MAX) {
		name[1] = (char)('a' + partitions.count);
		cr_assert_eq(partitions_add(&partitions, name, (struct cid_range){ 400, 500 }), 0);
	}
	cr_expect_eq(partitions_add(&partitions, "last", (struct cid_range){ 400, 500 }), -ENOSPC);
	cr_expect_eq(partitions.count, PARTITIONS_MAX);
}

Test(partition, overlap)
{
	static const struct {
		struct cid_range cids;
		const char *with;
	} cases[] = {
		{ { 400, 500 }, NULL },         { { 3, 100 }, NULL },       { { 100, 200 }, NULL },
		{ { 300, 400 }, NULL },         { { 399, 500 }, "vendor" }, { { 50, 101 }, "system" },
		{ { 100, 150 }, "system" },     { { 199, 201 }, "system" }, { { 3, 1000 }, "system" },
		{ { 250, 260 }, "system_ext" },
	};
	struct partitions partitions = built_in();

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct partition *with = partitions_overlap(&partitions, cases[i].cids);

		cr_expect_eq(!with, !cases[i].with, "case %zu", i);
		if (with && cases[i].with)
			cr_expect_str_eq(with->name, cases[i].with);
	}
}

Test(partition, of_path)
{
	static const struct {
		const char *path, *partition;
	} cases[] = {
		{ "/system/bin/a", "system" },
		{ "/system_ext/bin/a", "system_ext" },
		{ "/product/bin/a", "product" },
		{ "/vendor/a", "vendor" },
		{ "/odm/bin/a", "odm" },
		{ "/system/system_ext/bin/a", "system_ext" },
		{ "/system/product/bin/a", "product" },
		{ "/system/vendor/bin/a", "vendor" },
		{ "/system/odm/bin/a", "odm" },
		{ "/system/usr/bin/a", "system" },
		{ "/system/vendors/bin/a", "system" },
		{ "/system/vendor", "system" },
		{ "/vendor/system/bin/a", "vendor" },
		{ "/vendor/odm/bin/a", "vendor" },
		{ "/system", NULL },
		{ "/systemd/a", NULL },
		{ "/sys/a", NULL },
		{ "/data/a", NULL },
		{ "system/bin/a", NULL },
		{ "//system/bin/a", NULL },
		{ "/", NULL },
		{ "", NULL },
	};
	struct partitions partitions = built_in();

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct partition *found = partition_of_path(&partitions, cases[i].path);

		cr_expect_str_eq(found ? found->name : "none", cases[i].partition ? cases[i].partition : "none", "%s",
				 cases[i].path);
	}
}

/* What is another partition's does not fall to system because the other one is not known. */
Test(partition, of_path_below_system_alone)
{
	struct partitions partitions = { .list = { { "system", { 100, 200 } } }, .count = 1 };

	cr_expect_not_null(partition_of_path(&partitions, "/system/bin/a"));
	cr_expect_null(partition_of_path(&partitions, "/system/vendor/bin/a"));
}

Test(partition, the_reserved_range_follows_from_the_built_in_ones)
{
	struct partitions partitions = built_in();
	struct cid_range range = partitions_built_in_range();
	bool first = false, end = false;

	for (size_t i = 0; i < partitions.count; i++) {
		struct cid_range cids = partitions.list[i].cids;

		cr_expect(cids.first >= range.first && cids.end <= range.end);
		first |= cids.first == range.first;
		end |= cids.end == range.end;
	}
	cr_expect(first && end, "no larger than it must be");
}

Test(partition, apex)
{
	static const char *const in[] = { "/apex/com.android.virt/bin/a", "/apex/a/b" };
	static const char *const out[] = { "/apex",       "/apex/",   "/apex/a",          "/apex/a/", "/apex//a",
					   "/apexes/a/b", "apex/a/b", "/system/apex/a/b", "/" };

	for (size_t i = 0; i < sizeof(in) / sizeof(in[0]); i++)
		cr_expect(path_is_in_apex(in[i]), "%s", in[i]);
	for (size_t i = 0; i < sizeof(out) / sizeof(out[0]); i++)
		cr_expect_not(path_is_in_apex(out[i]), "%s", out[i]);
}
