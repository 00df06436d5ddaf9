/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Identity-mapping page tables of both architectures: pure code, so that both are tested on the host.  Guests use
 * mmu.h, which applies this to the tables in use.
 *
 * Both architectures have tables of 512 entries of 8 bytes and leaves of 4 KiB and 2 MiB; what differs is a format.
 * Formats: Arm ARM (DDI 0487) D8.3 "Translation table descriptor formats"; Intel SDM volume 3, 4.5 "4-level paging".
 */
#ifndef VMBASE_PAGE_TABLE_H
#define VMBASE_PAGE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE_SIZE 4096ul
#define PAGE_TABLE_ENTRIES 512

/* What a mapping allows.  Write together with execute is refused; device memory is never executable. */
enum page_prot {
	PAGE_READ = 1,
	PAGE_WRITE = 2,
	PAGE_EXECUTE = 4,
	PAGE_DEVICE = 8, /* not cached, not reordered: registers */
};

struct page_table_format {
	unsigned levels; /* of tables, down to a 4 KiB page */
	uint64_t (*leaf)(uint64_t address, unsigned prot, unsigned level);
	uint64_t (*table)(uint64_t address);
	bool (*is_table)(uint64_t entry); /* of an entry above level 0 that is valid */
	unsigned (*prot)(uint64_t leaf);
};

extern const struct page_table_format page_table_aarch64; /* 3 levels: 39 bits of address */
extern const struct page_table_format page_table_x86_64;  /* 4 levels: 47 bits of address */

typedef uint64_t page_table_page[PAGE_TABLE_ENTRIES];

struct page_table {
	const struct page_table_format *format;
	page_table_page *pool; /* pages for tables; tables are not given back */
	size_t pool_size, pool_used;
	/*
	 * Called after each change of an entry, and between taking a block out and putting the table of its pages in,
	 * with an address that the entry maps.  NULL while the tables are not in use.
	 */
	void (*changed)(uint64_t address);
};

/*
 * Makes an empty table of the first page of POOL (page aligned, COUNT pages, owned by the caller, must outlive the
 * table; need not be cleared).
 */
void page_table_init(struct page_table *pt, const struct page_table_format *format, page_table_page *pool,
		     size_t count);

/*
 * The three calls act on the pages of [ADDRESS, ADDRESS + SIZE) and either do it all or nothing.
 *   -EINVAL  not page aligned, empty, or outside of the address space; PROT lacks PAGE_READ or has unknown bits
 *   -EPERM   PROT has write and execute, or device and execute
 *   -ENOMEM  the pool has too few pages left
 *   -EEXIST  (map) a page is mapped already
 *   -ENOENT  (unmap, protect) a page is not mapped
 */
int page_table_map(struct page_table *pt, uint64_t address, uint64_t size, unsigned prot);
int page_table_unmap(struct page_table *pt, uint64_t address, uint64_t size);
int page_table_protect(struct page_table *pt, uint64_t address, uint64_t size, unsigned prot);

/* What the page with ADDRESS allows: a set of enum page_prot, 0 when it is not mapped. */
unsigned page_table_query(const struct page_table *pt, uint64_t address);

#endif
