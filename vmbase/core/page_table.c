// SPDX-License-Identifier: Apache-2.0
#include "vmbase/page_table.h"

#include "vmbase/error.h"
#include "vmbase/string.h"

#define ENTRY_VALID   1ul /* both architectures: bit 0 */
#define ENTRY_ADDRESS 0x0000fffffffff000ul
#define LEVEL_PAGE    0u
#define LEVEL_BLOCK   1u /* 2 MiB: the biggest leaf that is made, so a block is split into pages in one step */

enum operation { MAP, UNMAP, PROTECT };

/*
 * Each request goes through the tables twice: the first pass changes nothing, finds every reason to refuse and counts
 * the tables that will be needed; the second can't fail.
 */
struct request {
	enum operation operation;
	unsigned prot;
	bool apply;
	size_t tables_needed;
};

static uint64_t span(unsigned level)
{
	return PAGE_SIZE << (9 * level);
}

static uint64_t *entry_of(uint64_t *table, uint64_t address, unsigned level)
{
	return &table[address / span(level) % PAGE_TABLE_ENTRIES];
}

static uint64_t *table_of(uint64_t entry)
{
	return (uint64_t *)(uintptr_t)(entry & ENTRY_ADDRESS);
}

static bool is_table(const struct page_table *pt, uint64_t entry, unsigned level)
{
	return level > LEVEL_PAGE && (entry & ENTRY_VALID) && pt->format->is_table(entry);
}

static uint64_t *new_table(struct page_table *pt)
{
	uint64_t *table = pt->pool[pt->pool_used++];

	memset(table, 0, sizeof(page_table_page));
	return table;
}

void page_table_init(struct page_table *pt, const struct page_table_format *format, page_table_page *pool, size_t count)
{
	*pt = (struct page_table){ .format = format, .pool = pool, .pool_size = count };
	new_table(pt);
}

static void set_entry(struct page_table *pt, uint64_t *entry, uint64_t value, uint64_t address)
{
	*(volatile uint64_t *)entry = value; /* the processor may be reading it: one store, and in this order */
	if (pt->changed)
		pt->changed(address);
}

/* A new table in the place of ENTRY; the pages of the block that may have been there are mapped by it as before. */
static void put_table(struct page_table *pt, uint64_t *entry, uint64_t address, unsigned level)
{
	uint64_t *table = new_table(pt);
	uint64_t block = *entry;

	if (block & ENTRY_VALID) {
		uint64_t begin = address & ~(span(level) - 1);

		for (unsigned i = 0; i < PAGE_TABLE_ENTRIES; i++)
			table[i] = pt->format->leaf(begin + i * PAGE_SIZE, pt->format->prot(block), LEVEL_PAGE);
		set_entry(pt, entry, 0, address); /* break before make: two sizes for one address confuse a TLB */
	}
	set_entry(pt, entry, pt->format->table((uintptr_t)table), address);
}

static int walk(struct page_table *pt, struct request *rq, uint64_t *table, unsigned level, uint64_t begin,
		uint64_t end);

/* The pages [BEGIN, END), which all lie under ENTRY.  ENTRY NULL: it would be in a table that pass one only counted. */
static int visit(struct page_table *pt, struct request *rq, uint64_t *entry, unsigned level, uint64_t begin,
		 uint64_t end)
{
	uint64_t value = entry ? *entry : 0;
	bool whole = end - begin == span(level) && level <= LEVEL_BLOCK;

	if (is_table(pt, value, level))
		return walk(pt, rq, table_of(value), level - 1, begin, end);
	if (rq->operation == MAP && (value & ENTRY_VALID))
		return -EEXIST;
	if (rq->operation != MAP && !(value & ENTRY_VALID))
		return -ENOENT;
	if (whole) {
		if (rq->apply)
			set_entry(pt, entry, rq->operation == UNMAP ? 0 : pt->format->leaf(begin, rq->prot, level),
				  begin);
		return 0;
	}
	if (rq->apply) {
		put_table(pt, entry, begin, level);
		return walk(pt, rq, table_of(*entry), level - 1, begin, end);
	}
	rq->tables_needed++;
	/* A last-level table has no tables below; a higher one may need further tables. */
	return level > LEVEL_BLOCK ? walk(pt, rq, NULL, level - 1, begin, end) : 0;
}

/* TABLE NULL: as with visit. */
static int walk(struct page_table *pt, struct request *rq, uint64_t *table, unsigned level, uint64_t begin,
		uint64_t end)
{
	while (begin < end) {
		uint64_t next = (begin & ~(span(level) - 1)) + span(level);
		int r;

		if (next > end)
			next = end;
		r = visit(pt, rq, table ? entry_of(table, begin, level) : NULL, level, begin, next);
		if (r < 0)
			return r;
		begin = next;
	}
	return 0;
}

static int check_range(const struct page_table *pt, uint64_t address, uint64_t size)
{
	uint64_t limit = span(pt->format->levels);

	/* The upper half of x86_64's 48 bits has the sign bits set; it is not used here. */
	if (limit > 1ul << 47)
		limit = 1ul << 47;
	if (address % PAGE_SIZE || size % PAGE_SIZE || !size || address >= limit || size > limit - address)
		return -EINVAL;
	return 0;
}

static int check_prot(unsigned prot)
{
	if (!(prot & PAGE_READ) || prot & ~(unsigned)(PAGE_READ | PAGE_WRITE | PAGE_EXECUTE | PAGE_DEVICE))
		return -EINVAL;
	if ((prot & PAGE_EXECUTE) && (prot & (PAGE_WRITE | PAGE_DEVICE)))
		return -EPERM;
	return 0;
}

static int perform(struct page_table *pt, enum operation operation, uint64_t address, uint64_t size, unsigned prot)
{
	struct request rq = { .operation = operation, .prot = prot };
	unsigned top = pt->format->levels - 1;
	int r = check_range(pt, address, size);

	if (r == 0 && operation != UNMAP)
		r = check_prot(prot);
	if (r == 0)
		r = walk(pt, &rq, pt->pool[0], top, address, address + size);
	if (r < 0)
		return r;
	if (rq.tables_needed > pt->pool_size - pt->pool_used)
		return -ENOMEM;
	rq.apply = true;
	return walk(pt, &rq, pt->pool[0], top, address, address + size);
}

int page_table_map(struct page_table *pt, uint64_t address, uint64_t size, unsigned prot)
{
	return perform(pt, MAP, address, size, prot);
}

int page_table_unmap(struct page_table *pt, uint64_t address, uint64_t size)
{
	return perform(pt, UNMAP, address, size, 0);
}

int page_table_protect(struct page_table *pt, uint64_t address, uint64_t size, unsigned prot)
{
	return perform(pt, PROTECT, address, size, prot);
}

unsigned page_table_query(const struct page_table *pt, uint64_t address)
{
	uint64_t *table = pt->pool[0];
	unsigned level = pt->format->levels - 1;

	if (check_range(pt, address & ~(PAGE_SIZE - 1), PAGE_SIZE) < 0)
		return 0;
	for (;; level--) {
		uint64_t entry = *entry_of(table, address, level);

		if (!(entry & ENTRY_VALID))
			return 0;
		if (!is_table(pt, entry, level))
			return pt->format->prot(entry);
		table = table_of(entry);
	}
}
