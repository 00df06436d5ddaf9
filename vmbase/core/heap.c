// SPDX-License-Identifier: Apache-2.0
#include "vmbase/heap.h"

#include <stdbool.h>
#include <stdint.h>

#include "vmbase/error.h"

/*
 * Before each block.  The mark distinguishes allocated from free blocks and depends on the address, so that a copied or
 * forged header and a double free are detected.
 */
struct heap_block {
	size_t size; /* with this header */
	union {
		struct heap_block *next; /* of a free block */
		uintptr_t mark;          /* of an allocated one */
	};
};

_Static_assert(sizeof(struct heap_block) == HEAP_ALIGNMENT, "blocks stay aligned behind their headers");

static uintptr_t allocated_mark(const struct heap_block *block)
{
	return (uintptr_t)block ^ 0x6865617020626c6bu; /* "heap blk": not a free block's pointer by any chance */
}

int heap_init(struct heap *heap, void *memory, size_t size)
{
	uintptr_t begin = ((uintptr_t)memory + HEAP_ALIGNMENT - 1) & ~(uintptr_t)(HEAP_ALIGNMENT - 1);
	uintptr_t end = ((uintptr_t)memory + size) & ~(uintptr_t)(HEAP_ALIGNMENT - 1);

	if (begin >= end || end - begin < 2 * HEAP_ALIGNMENT)
		return -EINVAL;
	heap->begin = (char *)memory + (begin - (uintptr_t)memory);
	heap->end = heap->begin + (end - begin);
	heap->free = (struct heap_block *)(void *)heap->begin;
	*heap->free = (struct heap_block){ .size = end - begin };
	return 0;
}

static struct heap_block *after(struct heap_block *block, size_t size)
{
	return (struct heap_block *)(void *)((char *)block + size);
}

/* Takes the first SIZE bytes off the free block at *LINK; what is left stays free if it can hold a block. */
static struct heap_block *take(struct heap_block **link, size_t size)
{
	struct heap_block *block = *link;
	size_t rest = block->size - size;

	if (rest >= 2 * HEAP_ALIGNMENT) {
		struct heap_block *left = after(block, size);

		*left = (struct heap_block){ .size = rest, .next = block->next };
		*link = left;
		block->size = size;
	} else {
		*link = block->next;
	}
	block->mark = allocated_mark(block);
	return block;
}

void *heap_allocate(struct heap *heap, size_t size)
{
	struct heap_block **link = &heap->free;

	if (size > SIZE_MAX - 2 * HEAP_ALIGNMENT)
		return NULL;
	size = (size + !size + sizeof(struct heap_block) + HEAP_ALIGNMENT - 1) & ~(size_t)(HEAP_ALIGNMENT - 1);
	while (*link && (*link)->size < size)
		link = &(*link)->next;
	return *link ? take(link, size) + 1 : NULL;
}

static bool is_allocated(const struct heap *heap, const struct heap_block *block)
{
	const char *at = (const char *)block;

	return (uintptr_t)at % HEAP_ALIGNMENT == 0 && at >= heap->begin && at < heap->end &&
	       block->mark == allocated_mark(block) && block->size <= (size_t)(heap->end - at);
}

static void join_with_next(struct heap_block *block)
{
	if (block->next != after(block, block->size))
		return;
	block->size += block->next->size;
	block->next = block->next->next;
}

int heap_release(struct heap *heap, void *pointer)
{
	struct heap_block *block, *before = NULL;

	if (!pointer)
		return 0;
	block = (struct heap_block *)pointer - 1;
	if (!is_allocated(heap, block))
		return -EINVAL;

	for (struct heap_block *free = heap->free; free && free < block; free = free->next)
		before = free;
	block->next = before ? before->next : heap->free;
	*(before ? &before->next : &heap->free) = block;
	join_with_next(block);
	if (before)
		join_with_next(before);
	return 0;
}

size_t heap_available(const struct heap *heap)
{
	size_t sum = 0;

	for (const struct heap_block *free = heap->free; free; free = free->next)
		sum += free->size - sizeof(*free);
	return sum;
}
