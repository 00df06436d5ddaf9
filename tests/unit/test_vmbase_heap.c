/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "vmbase/heap.h"

static _Alignas(16) char arena[65536 + 16];

static struct heap new_heap(void)
{
	struct heap heap;

	cr_assert_eq(heap_init(&heap, arena, 65536), 0);
	return heap;
}

Test(vmbase_heap, an_arena_may_be_odd)
{
	struct heap heap;
	char *block;

	cr_assert_eq(heap_init(&heap, arena + 3, 1001), 0);
	block = heap_allocate(&heap, 1);
	cr_assert_eq((uintptr_t)block % HEAP_ALIGNMENT, 0u);
	cr_assert(block >= arena + 3 && block < arena + 1004);
	cr_assert_null(heap_allocate(&heap, 1001));
}

Test(vmbase_heap, a_tiny_arena_is_refused)
{
	struct heap heap;

	cr_assert_eq(heap_init(&heap, arena, 31), -EINVAL);
	cr_assert_eq(heap_init(&heap, arena + 1, 32), -EINVAL);
	cr_assert_eq(heap_init(&heap, arena, 0), -EINVAL);
	cr_assert_eq(heap_init(&heap, arena, 32), 0);
}

Test(vmbase_heap, all_of_it_can_be_had_and_had_again)
{
	struct heap heap = new_heap();
	size_t all = heap_available(&heap);
	void *block = heap_allocate(&heap, all);

	cr_assert_not_null(block);
	cr_assert_eq(heap_available(&heap), 0u);
	cr_assert_null(heap_allocate(&heap, 1));
	cr_assert_eq(heap_release(&heap, block), 0);
	cr_assert_eq(heap_available(&heap), all);
	cr_assert_null(heap_allocate(&heap, all + 1));
}

Test(vmbase_heap, sizes_that_overflow_are_refused)
{
	struct heap heap = new_heap();

	cr_assert_null(heap_allocate(&heap, SIZE_MAX));
	cr_assert_null(heap_allocate(&heap, SIZE_MAX - 16));
	cr_assert_null(heap_allocate(&heap, SIZE_MAX - 40));
}

Test(vmbase_heap, neighbours_are_joined_in_any_order)
{
	static const int orders[6][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };

	for (int i = 0; i < 6; i++) {
		struct heap heap = new_heap();
		size_t all = heap_available(&heap);
		void *blocks[3];

		for (int j = 0; j < 3; j++)
			blocks[j] = heap_allocate(&heap, 1000);
		for (int j = 0; j < 3; j++)
			cr_assert_eq(heap_release(&heap, blocks[orders[i][j]]), 0);
		cr_assert_eq(heap_available(&heap), all);
		cr_assert_not_null(heap_allocate(&heap, all));
	}
}

Test(vmbase_heap, wrong_pointers_are_noticed)
{
	struct heap heap = new_heap();
	char *block = heap_allocate(&heap, 100), *other = heap_allocate(&heap, 100);
	size_t before = heap_available(&heap);

	cr_assert_eq(heap_release(&heap, NULL), 0);
	cr_assert_eq(heap_release(&heap, block + 16), -EINVAL, "inside of a block");
	cr_assert_eq(heap_release(&heap, block + 1), -EINVAL, "not aligned");
	cr_assert_eq(heap_available(&heap), before);
	cr_assert_eq(heap_release(&heap, block), 0);
	cr_assert_eq(heap_release(&heap, block), -EINVAL, "a second time");
	memset(other - 8, 0xff, 8);
	cr_assert_eq(heap_release(&heap, other), -EINVAL, "its header was overwritten");
}

/* Blocks never overlap, keep what is in them, and add up to the arena again. */
Test(vmbase_heap, random_use)
{
	struct heap heap = new_heap();
	size_t all = heap_available(&heap), sizes[64] = { 0 };
	unsigned char *blocks[64] = { 0 };

	srand(1);
	for (int step = 0; step < 20000; step++) {
		int i = rand() % 64;

		if (blocks[i]) {
			for (size_t j = 0; j < sizes[i]; j++)
				cr_assert_eq(blocks[i][j], (unsigned char)i, "block %d was changed in step %d", i,
					     step);
			cr_assert_eq(heap_release(&heap, blocks[i]), 0);
			blocks[i] = NULL;
			continue;
		}
		sizes[i] = (size_t)(rand() % 3000);
		blocks[i] = heap_allocate(&heap, sizes[i]);
		if (blocks[i])
			memset(blocks[i], i, sizes[i]);
	}
	for (int i = 0; i < 64; i++)
		cr_assert_eq(heap_release(&heap, blocks[i]), 0);
	cr_assert_eq(heap_available(&heap), all);
}
