/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Both formats go through the same tests; what an entry looks like is checked for each against its manual.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vmbase/page_table.h"

#define POOL  64
#define MIB   0x100000ul
#define BLOCK (2 * MIB)
#define R     PAGE_READ
#define RW    (PAGE_READ | PAGE_WRITE)
#define RX    (PAGE_READ | PAGE_EXECUTE)
#define DEV   (PAGE_READ | PAGE_WRITE | PAGE_DEVICE)

static page_table_page pool[POOL] __attribute__((aligned(4096)));
static struct page_table pt;

static const struct page_table_format *const formats[] = { &page_table_aarch64, &page_table_x86_64 };

static void fresh(int format, size_t pages)
{
	memset(pool, 0xff, sizeof(pool)); /* it need not be cleared */
	page_table_init(&pt, formats[format], pool, pages);
}

#define for_both(index, pages) for (int index = 0; index < 2 && (fresh(index, pages), 1); index++)

Test(vmbase_page_table, nothing_is_mapped_at_first)
{
	for_both(i, POOL) {
		cr_expect_eq(page_table_query(&pt, 0), 0u);
		cr_expect_eq(page_table_query(&pt, 0x80200000), 0u);
		cr_expect_eq(page_table_query(&pt, UINT64_MAX), 0u);
	}
}

Test(vmbase_page_table, map_and_query)
{
	static const unsigned prots[] = { R, RW, RX, DEV, R | PAGE_DEVICE };

	for_both(i, POOL) {
		for (unsigned p = 0; p < 5; p++) {
			uint64_t page = 0x80000000 + p * PAGE_SIZE;

			cr_expect_eq(page_table_map(&pt, page, PAGE_SIZE, prots[p]), 0);
			cr_expect_eq(page_table_query(&pt, page), prots[p]);
			cr_expect_eq(page_table_query(&pt, page + 4095), prots[p]);
		}
		cr_expect_eq(page_table_query(&pt, 0x80000000 - 1), 0u);
		cr_expect_eq(page_table_query(&pt, 0x80000000 + 5 * PAGE_SIZE), 0u);
	}
}

Test(vmbase_page_table, big_ranges_use_blocks)
{
	for_both(i, POOL) {
		size_t before = pt.pool_used;

		/* Half a block, two whole ones, and half a one: pages at both ends alone. */
		cr_expect_eq(page_table_map(&pt, 0x40000000 + MIB, 3 * BLOCK, RW), 0);
		cr_expect_eq(pt.pool_used - before, formats[i]->levels - 2 + 2u);
		cr_expect_eq(page_table_query(&pt, 0x40000000 + MIB), RW);
		cr_expect_eq(page_table_query(&pt, 0x40000000 + MIB + 3 * BLOCK - 1), RW);
		cr_expect_eq(page_table_query(&pt, 0x40000000 + MIB + 3 * BLOCK), 0u);
		cr_expect_eq(page_table_query(&pt, 0x40000000 + MIB - 1), 0u);
	}
}

Test(vmbase_page_table, a_block_is_split_where_needed)
{
	for_both(i, POOL) {
		cr_expect_eq(page_table_map(&pt, 0, 2 * BLOCK, RW), 0);
		cr_expect_eq(page_table_protect(&pt, 7 * PAGE_SIZE, PAGE_SIZE, RX), 0);
		cr_expect_eq(page_table_unmap(&pt, BLOCK - PAGE_SIZE, 2 * PAGE_SIZE), 0);
		for (uint64_t page = 0; page < 2 * BLOCK; page += PAGE_SIZE) {
			unsigned expected = page == 7 * PAGE_SIZE                      ? RX :
					    page == BLOCK - PAGE_SIZE || page == BLOCK ? 0 :
											 RW;

			cr_assert_eq(page_table_query(&pt, page), expected, "page 0x%lx", page);
		}
		cr_expect_eq(page_table_map(&pt, BLOCK - PAGE_SIZE, PAGE_SIZE, R), 0, "a hole can be filled");
	}
}

Test(vmbase_page_table, whole_or_not_at_all)
{
	for_both(i, POOL) {
		page_table_page before[POOL];

		cr_expect_eq(page_table_map(&pt, 10 * PAGE_SIZE, PAGE_SIZE, R), 0);
		memcpy(before, pool, sizeof(pool));
		cr_expect_eq(page_table_map(&pt, 0, 20 * PAGE_SIZE, RW), -EEXIST);
		cr_expect_eq(page_table_map(&pt, 0, 4 * BLOCK, RW), -EEXIST);
		cr_expect_eq(page_table_unmap(&pt, 10 * PAGE_SIZE, 2 * PAGE_SIZE), -ENOENT);
		cr_expect_eq(page_table_protect(&pt, 9 * PAGE_SIZE, 2 * PAGE_SIZE, RW), -ENOENT);
		cr_expect_eq(memcmp(before, pool, sizeof(pool)), 0);
	}
}

Test(vmbase_page_table, a_short_pool_changes_nothing)
{
	for_both(i, formats[i]->levels) { /* room for the path to one page, and no more */
		page_table_page before[POOL];

		cr_expect_eq(page_table_map(&pt, BLOCK - PAGE_SIZE, 2 * PAGE_SIZE, R), -ENOMEM,
			     "two tables at the last level");
		cr_expect_eq(pt.pool_used, 1u);
		cr_expect_eq(page_table_map(&pt, BLOCK, BLOCK, R), 0);
		cr_expect_eq(page_table_map(&pt, 0, PAGE_SIZE, R), 0);
		cr_expect_eq(pt.pool_used, pt.pool_size);
		memcpy(before, pool, sizeof(pool));
		cr_expect_eq(page_table_protect(&pt, BLOCK, PAGE_SIZE, RW), -ENOMEM,
			     "no table to split the block with");
		cr_expect_eq(page_table_unmap(&pt, BLOCK, PAGE_SIZE), -ENOMEM);
		cr_expect_eq(memcmp(before, pool, sizeof(pool)), 0);
		cr_expect_eq(page_table_unmap(&pt, BLOCK, BLOCK), 0, "as a whole it needs none");
	}
}

Test(vmbase_page_table, bad_arguments)
{
	for_both(i, POOL) {
		uint64_t limit = i == 0 ? 1ul << 39 : 1ul << 47;

		cr_expect_eq(page_table_map(&pt, 1, PAGE_SIZE, R), -EINVAL);
		cr_expect_eq(page_table_map(&pt, 0, 0, R), -EINVAL);
		cr_expect_eq(page_table_map(&pt, 0, 100, R), -EINVAL);
		cr_expect_eq(page_table_map(&pt, limit, PAGE_SIZE, R), -EINVAL);
		cr_expect_eq(page_table_map(&pt, limit - PAGE_SIZE, 2 * PAGE_SIZE, R), -EINVAL);
		cr_expect_eq(page_table_map(&pt, PAGE_SIZE, ~0ul << 12, R), -EINVAL);
		cr_expect_eq(page_table_map(&pt, 0, PAGE_SIZE, 0), -EINVAL);
		cr_expect_eq(page_table_map(&pt, 0, PAGE_SIZE, PAGE_WRITE), -EINVAL);
		cr_expect_eq(page_table_map(&pt, 0, PAGE_SIZE, R | 16), -EINVAL);
		cr_expect_eq(page_table_map(&pt, 0, PAGE_SIZE, RW | PAGE_EXECUTE), -EPERM);
		cr_expect_eq(page_table_map(&pt, 0, PAGE_SIZE, RX | PAGE_DEVICE), -EPERM);
		cr_expect_eq(page_table_map(&pt, limit - PAGE_SIZE, PAGE_SIZE, R), 0, "the last page");
		cr_expect_eq(page_table_query(&pt, limit - 1), R);
		cr_expect_eq(page_table_protect(&pt, limit - PAGE_SIZE, PAGE_SIZE, RW | PAGE_EXECUTE), -EPERM);
	}
}

static uint64_t changed[16];
static unsigned changes;

static void note_change(uint64_t address)
{
	changed[changes++ % 16] = address;
}

Test(vmbase_page_table, the_processor_is_told)
{
	for_both(i, POOL) {
		cr_expect_eq(page_table_map(&pt, BLOCK, BLOCK, RW), 0);
		pt.changed = note_change;
		changes = 0;
		cr_expect_eq(page_table_protect(&pt, BLOCK + PAGE_SIZE, PAGE_SIZE, R), 0);
		/* The block goes, the table comes, the page changes. */
		cr_expect_eq(changes, 3u);
		for (unsigned c = 0; c < 3; c++)
			cr_expect_eq(changed[c], BLOCK + PAGE_SIZE);
	}
}

/* Against a plain array of what each page should be. */
Test(vmbase_page_table, random_use)
{
	enum { PAGES = 3 * 512 };

	for_both(i, POOL) {
		static unsigned model[PAGES];

		memset(model, 0, sizeof(model));
		srand(2);
		for (int step = 0; step < 3000; step++) {
			unsigned first = (unsigned)rand() % PAGES,
				 count = (unsigned)rand() % (rand() % 2 ? 4 : PAGES) + 1;
			unsigned prot = (unsigned[]){ R, RW, RX, DEV }[rand() % 4], mapped = 0;
			int operation = rand() % 3, r, expected;

			if (rand() % 4 == 0)
				first = first / 512 * 512, count = 512;
			if (count > PAGES - first)
				count = PAGES - first;
			for (unsigned p = first; p < first + count; p++)
				mapped += model[p] != 0;
			if (operation == 0) {
				r = page_table_map(&pt, first * PAGE_SIZE, count * PAGE_SIZE, prot);
				expected = mapped ? -EEXIST : 0;
			} else if (operation == 1) {
				r = page_table_unmap(&pt, first * PAGE_SIZE, count * PAGE_SIZE);
				expected = mapped == count ? 0 : -ENOENT;
				prot = 0;
			} else {
				r = page_table_protect(&pt, first * PAGE_SIZE, count * PAGE_SIZE, prot);
				expected = mapped == count ? 0 : -ENOENT;
			}
			cr_assert_eq(r, expected, "step %d: %d, not %d", step, r, expected);
			for (unsigned p = first; r == 0 && p < first + count; p++)
				model[p] = prot;
			for (unsigned p = 0; p < PAGES; p++)
				cr_assert_eq(page_table_query(&pt, p * PAGE_SIZE), model[p]);
		}
	}
}

/* Arm ARM, stage 1 block and page descriptors: bits 1:0 type, 4:2 attribute, 7 read only, 9:8 shareable, 10 accessed,
 * 11 not global, 53 and 54 execute never. */
Test(vmbase_page_table, aarch64_entries)
{
	cr_expect_eq(page_table_aarch64.leaf(0x80201000, R, 0),
		     0x80201000 | 0x3ul | 1 << 2 | 1 << 7 | 3 << 8 | 1 << 10 | 1 << 11 | 3ul << 53);
	cr_expect_eq(page_table_aarch64.leaf(0x80200000, RX, 1),
		     0x80200000 | 0x1ul | 1 << 2 | 1 << 7 | 3 << 8 | 1 << 10 | 1 << 11 | 1ul << 54);
	cr_expect_eq(page_table_aarch64.leaf(0x80400000, RW, 1),
		     0x80400000 | 0x1ul | 1 << 2 | 3 << 8 | 1 << 10 | 1 << 11 | 3ul << 53);
	cr_expect_eq(page_table_aarch64.leaf(0x09000000, DEV, 0), 0x09000000 | 0x3ul | 1 << 10 | 1 << 11 | 3ul << 53);
	cr_expect_eq(page_table_aarch64.table(0x80400000), 0x80400003ul);
}

/* Intel SDM, 4-level paging: bit 0 present, 1 write, 3 and 4 uncached, 5 accessed, 6 dirty, 7 a leaf above pages, 63 no execute. */
Test(vmbase_page_table, x86_64_entries)
{
	cr_expect_eq(page_table_x86_64.leaf(0x201000, R, 0), 0x201000 | 1ul | 1 << 5 | 1 << 6 | 1ul << 63);
	cr_expect_eq(page_table_x86_64.leaf(0x200000, RX, 1), 0x200000 | 1ul | 1 << 5 | 1 << 6 | 1 << 7);
	cr_expect_eq(page_table_x86_64.leaf(0x400000, RW, 1), 0x400000 | 3ul | 1 << 5 | 1 << 6 | 1 << 7 | 1ul << 63);
	cr_expect_eq(page_table_x86_64.leaf(0xfeb00000, DEV, 0),
		     0xfeb00000 | 3ul | 3 << 3 | 1 << 5 | 1 << 6 | 1ul << 63);
	cr_expect_eq(page_table_x86_64.table(0x400000), 0x400000 | 3ul | 1 << 5);
}
