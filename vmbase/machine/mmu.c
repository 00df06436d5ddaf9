// SPDX-License-Identifier: Apache-2.0
#include "vmbase/mmu.h"

#include "vmbase/error.h"
#include "vmbase/vmbase.h"

#include "machine.h"

/*
 * Tables enough for the image (5) and some twenty windows in different places.  Not cleared at the start, as each is
 * cleared when it is taken.
 */
#define POOL_PAGES 48
static page_table_page pool[POOL_PAGES] __attribute__((aligned(4096), section(".bss.noinit")));
static struct page_table tables;

/* Places in the image, from the linker script. */
extern char _text_begin[], _text_end[], _rodata_begin[], _rodata_end[], _data_begin[], _data_end[],
	_exception_stack_begin[], _exception_stack_end[], _stack_begin[], _region_end[];

static void map_or_panic(uint64_t begin, uint64_t end, unsigned prot)
{
	int r = page_table_map(&tables, begin, end - begin, prot);

	if (r < 0)
		vmbase_panic("the map of 0x%lx..0x%lx failed: %d", begin, end, r);
}

/*
 * The page tables that the guest runs with.  They are built while those of the entry code are in use, so no table in use is
 * changed.
 */
void mmu_init(void)
{
	const struct {
		char *begin, *end;
		unsigned prot;
	} parts[] = {
		{ _text_begin, _text_end, PAGE_READ | PAGE_EXECUTE },
		{ _rodata_begin, _rodata_end, PAGE_READ },
		{ _data_begin, _data_end, PAGE_READ | PAGE_WRITE },
		/* The pages between these stay out: an overflow of a stack faults instead of overwriting the next one. */
		{ _exception_stack_begin, _exception_stack_end, PAGE_READ | PAGE_WRITE },
		{ _stack_begin, _region_end, PAGE_READ | PAGE_WRITE },
	};

	page_table_init(&tables, arch_page_table_format, pool, POOL_PAGES);
	for (unsigned i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		map_or_panic((uintptr_t)parts[i].begin, (uintptr_t)parts[i].end, parts[i].prot);
	for (const struct boot_range *device = board_devices; device->size; device++)
		map_or_panic(device->base, device->base + device->size, PAGE_READ | PAGE_WRITE | PAGE_DEVICE);
	arch_use_page_table(pool);
	tables.changed = arch_page_table_changed;
}

int mmu_map(uint64_t address, uint64_t size, unsigned prot)
{
	return page_table_map(&tables, address, size, prot);
}

int mmu_unmap(uint64_t address, uint64_t size)
{
	return page_table_unmap(&tables, address, size);
}

int mmu_protect(uint64_t address, uint64_t size, unsigned prot)
{
	return page_table_protect(&tables, address, size, prot);
}

unsigned mmu_query(uint64_t address)
{
	return page_table_query(&tables, address);
}

int mmu_reach(uint64_t address, uint64_t size, unsigned prot)
{
	uint64_t page = address & ~(PAGE_SIZE - 1), end = address + size;

	if (!size || end < address)
		return -EINVAL;
	while (page < end) {
		uint64_t gap = page;
		int r = 0;

		while (gap < end && !mmu_query(gap))
			gap += PAGE_SIZE;
		if (gap > page)
			r = mmu_map(page, gap - page, prot);
		if (r < 0)
			return r;
		page = gap + PAGE_SIZE;
	}
	return 0;
}

const void *mmu_window(uint64_t address, size_t size)
{
	return mmu_reach(address, size, PAGE_READ) < 0 ? NULL : (const void *)(uintptr_t)address;
}
