/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A heap: first fit over one arena, neighbours joined when freed.  Made for guests with a handful of allocations; both
 * calls take time in proportion to the number of free blocks.
 *
 * Not thread-safe: guests have one thread.  Not to be called from exception handlers.
 */
#ifndef VMBASE_HEAP_H
#define VMBASE_HEAP_H

#include <stddef.h>

#define HEAP_ALIGNMENT 16 /* of every block: enough for any type in the ABIs of both architectures */

struct heap_block;

struct heap {
	struct heap_block *free; /* by address */
	char *begin, *end;
};

/* Makes a heap of the SIZE bytes at MEMORY, which the heap owns from then on.  -EINVAL: too small for one block. */
int heap_init(struct heap *heap, void *memory, size_t size);

/* SIZE bytes aligned to HEAP_ALIGNMENT, not cleared; NULL when there is no room.  SIZE 0 counts as 1. */
void *heap_allocate(struct heap *heap, size_t size);

/*
 * Gives back what heap_allocate returned (NULL: nothing happens).  -EINVAL: POINTER is not an allocated block of this
 * heap (a second free, a damaged header), and the heap is unchanged.
 */
int heap_release(struct heap *heap, void *pointer);

/* The bytes that could be had, at most, by one more call each: for tests and for reports. */
size_t heap_available(const struct heap *heap);

/*
 * The guest's own heap: what the image leaves of its writable region.  As in the C library; free() of a wrong pointer
 * is a panic.
 */
#if !__STDC_HOSTED__
void *malloc(size_t size) __attribute__((malloc, alloc_size(1)));
void *calloc(size_t count, size_t size) __attribute__((malloc, alloc_size(1, 2)));
void free(void *pointer);
#endif

#endif
