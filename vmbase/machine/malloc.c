// SPDX-License-Identifier: Apache-2.0
#include "vmbase/heap.h"
#include "vmbase/string.h"
#include "vmbase/vmbase.h"

/* What the linker script left of the writable region. */
extern char _heap_begin[], _region_end[];

static struct heap *guest_heap(void)
{
	static struct heap heap;

	if (!heap.begin && heap_init(&heap, _heap_begin, (size_t)(_region_end - _heap_begin)) < 0)
		vmbase_panic("the writable region has no room for a heap");
	return &heap;
}

void *malloc(size_t size)
{
	return heap_allocate(guest_heap(), size);
}

void *calloc(size_t count, size_t size)
{
	size_t bytes;
	void *pointer = __builtin_mul_overflow(count, size, &bytes) ? NULL : malloc(bytes);

	return pointer ? memset(pointer, 0, bytes) : NULL;
}

void free(void *pointer)
{
	if (heap_release(guest_heap(), pointer) < 0)
		vmbase_panic("free(%p): not an allocated block, or its header was overwritten", pointer);
}
